import { headerText } from '../../record/headers.ts';
import { StreamRecord } from '../../record/record.ts';
import type { RuleEvent } from './rule.ts';

/**
 * An event as expressions see a record: one object for all events, turned from one to the next. Where the record stood in Kafka is
 * not known any more: `$topic`, `$partition` and `$offset` are missing.
 */
export class EventRecord extends StreamRecord {
  #event: RuleEvent | undefined;

  turnTo(event: RuleEvent): this {
    this.#event = event;
    this.value = event.value;
    return this;
  }

  override get key(): string | undefined {
    return this.#event?.key ?? undefined;
  }

  /** Event time, whatever the stream takes it from. */
  override get timestamp(): number {
    return this.#event?.time ?? -1;
  }

  override get packedHeaders(): Buffer {
    return this.#event?.headers ?? super.packedHeaders;
  }

  override header(name: string): string | undefined {
    return headerText(this.packedHeaders, name);
  }

  override get topic(): string {
    return undefined as unknown as string;
  }

  override get partition(): number {
    return undefined as unknown as number;
  }

  override get offset(): number {
    return undefined as unknown as number;
  }
}
