import type { JsonObject } from '../../record/json.ts';
import { groupKey } from '../../sdk/group-key.ts';
import type { OperatorContext } from '../../sdk/operator.ts';
import type { GroupBy, GroupId } from '../group-by.ts';
import { EARLY_HEADER, headersWithId, ResultHeaders } from '../result-headers.ts';
import type { RuleEvent, RuleKey, RuleOutput, RuleResult } from './rule.ts';
import type { WaitingEvent } from './waiting-event.ts';

/** Sends on what a rule makes of the events of the key that it is turned to. */
export class RuleEmitter implements RuleOutput, RuleKey {
  readonly #groupBy: GroupBy;
  readonly #emit: OperatorContext['emit'];
  readonly #drop: OperatorContext['drop'];
  readonly #headers: ResultHeaders;
  id: GroupId = null;
  owned = false;
  /** Whether what is sent on does not stand yet. */
  early = false;

  constructor(groupBy: GroupBy, context: OperatorContext) {
    this.#groupBy = groupBy;
    this.#emit = context.emit;
    this.#drop = context.drop;
    this.#headers = new ResultHeaders(context);
  }

  turnTo(group: GroupId, owned: boolean): RuleKey {
    this.id = group;
    this.owned = owned;
    return this;
  }

  setFields(result: JsonObject): void {
    this.#groupBy.setFields(result, this.#groupBy.valuesOf(this.id));
  }

  pass(event: RuleEvent, value: JsonObject): void {
    const { id, key, keyBytes, time, headers: own } = event as WaitingEvent;
    const headers = headersWithId(own, id, this.early);
    if (keyBytes === undefined) this.#emit({ value, key, time, headers });
    else this.#emit({ value, key, keyBytes, time, headers });
  }

  drop(): void {
    if (!this.early) this.#drop?.();
  }

  idOf(what: string): string {
    return this.#headers.idOf(`${this.#groupBy.textOf(this.id)}${what}`);
  }

  emit({ what, value, time, revision = 1, key }: RuleResult): void {
    const packed = this.#headers.pack(this.idOf(what), revision);
    const headers = this.early ? Buffer.concat([packed, EARLY_HEADER]) : packed;
    this.#emit({ value, key: key === undefined ? groupKey(this.#groupBy.valuesOf(this.id)) : key, time, headers });
  }
}
