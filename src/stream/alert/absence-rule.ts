import { toIso } from '../../record/iso-time.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { EventRecord } from '../rule/event-record.ts';
import type { Rule, RuleEvent, RuleKey, RuleOutput } from '../rule/rule.ts';
import type { Shown, ShownFields } from './shown-fields.ts';

export interface AbsenceSettings {
  /** How long, in ms, a key may be silent. */
  readonly within: number;
  /** The interval, in ms, at which an absence that lasts is sent again; Infinity: never. */
  readonly repeat: number;
  /** Whether the end of an absence is sent. */
  readonly resolve: boolean;
  /** How long, in ms, after its last record a key is remembered. */
  readonly forgetAfter: number;
  readonly fields: ShownFields;
}

/** A key that has been seen. Times are event times in ms. */
export interface Presence {
  readonly last: number;
  /** How many times its absence has been sent; 0: it is not absent. */
  readonly revision: number;
  /** When it was sent last. */
  readonly sent: number;
  readonly shown: Shown;
}

/** Says of keys that no record of theirs has come, and that one has come again. */
export class AbsenceRule implements Rule<Presence> {
  readonly #settings: AbsenceSettings;
  readonly #record = new EventRecord();

  constructor(settings: AbsenceSettings) {
    this.#settings = settings;
  }

  process(state: Presence | undefined, event: RuleEvent, key: RuleKey, output: RuleOutput): Presence {
    const { resolve, fields } = this.#settings;
    const { time } = event;
    if (state !== undefined && state.revision > 0 && resolve) this.#send(state, { time, status: 'back' }, key, output);
    return { last: time, revision: 0, sent: time, shown: fields.of(this.#record.turnTo(event)) };
  }

  dueAt({ last, revision, sent }: Presence): number {
    const { within, repeat, forgetAfter } = this.#settings;
    // A record exactly so long after the last is in time.
    if (revision === 0) return last + within + 1;
    return Math.min(sent + repeat, last + forgetAfter);
  }

  due(state: Presence, key: RuleKey, output: RuleOutput): Presence | undefined {
    const time = this.dueAt(state);
    if (state.revision > 0 && time >= state.last + this.#settings.forgetAfter) return undefined;
    this.#send(state, { time, status: 'absent' }, key, output);
    return { ...state, revision: state.revision + 1, sent: time };
  }

  encode({ last, revision, sent, shown }: Presence): JsonValue {
    return [last, revision, sent, this.#settings.fields.encode(shown)];
  }

  decode(stored: JsonValue): Presence {
    const [last, revision, sent, shown] = stored as [number, number, number, JsonValue];
    return { last, revision, sent, shown: this.#settings.fields.decode(shown) };
  }

  #send(state: Presence, now: { time: number; status: 'absent' | 'back' }, key: RuleKey, output: RuleOutput): void {
    const { last, shown } = state;
    const { time, status } = now;
    const what = String(last);
    const revision = state.revision + 1;
    const value: JsonObject = { '@timestamp': toIso(time) };
    key.setFields(value);
    this.#settings.fields.set(value, shown);
    value['absence'] = {
      ...{ id: key.idOf(what), status, since: toIso(last), duration_ms: time - last, revision },
      ...(status === 'back' ? { ended: toIso(time) } : {}),
    };
    output.emit({ what, value, time, revision });
  }
}
