import type { JsonObject } from '../../record/json.ts';
import type { GroupId } from '../group-by.ts';
import type { Queued } from '../state/time-queue.ts';
import type { RuleEvent } from './rule.ts';

const NO_HEADERS = Buffer.alloc(0);

/** A record that waits for its turn by event time. */
export class WaitingEvent implements RuleEvent, Queued {
  readonly time: number;
  readonly seq: number;
  readonly group: GroupId;
  readonly key: string | null;
  /** The key's bytes, where they are no text. */
  readonly keyBytes: Uint8Array | undefined;
  readonly headers: Buffer;
  /** The id that it goes on with. */
  readonly id: string;
  present = true;
  /** Whether the changelog has it, or will have it once the micro-batch is committed. */
  logged = false;
  /** Its value as JSON, from when it had to be written: one that waits for long takes less memory so. */
  #text: string | undefined;
  #value: JsonObject | undefined;

  constructor(parts: WaitingParts) {
    this.time = parts.time;
    this.seq = parts.seq;
    this.group = parts.group;
    this.key = parts.key;
    this.keyBytes = parts.keyBytes;
    this.headers = parts.headers.length === 0 ? NO_HEADERS : parts.headers;
    this.id = parts.id;
    if (typeof parts.value === 'string') this.#text = parts.value;
    else this.#value = parts.value;
  }

  get value(): JsonObject {
    this.#value ??= JSON.parse(this.#text as string) as JsonObject;
    return this.#value;
  }

  /** Its value has been given away: where it is asked for again, it is another. */
  valueGiven(): void {
    if (this.#text !== undefined) this.#value = undefined;
  }

  /** As it is stored: a JSON list, the value last. A format. */
  stored(): string {
    this.#text ??= JSON.stringify(this.#value);
    this.#value = undefined;
    const { key, headers, id, keyBytes } = this;
    const bytes = keyBytes === undefined ? null : Buffer.from(keyBytes).toString('base64');
    const known = JSON.stringify([id, key, bytes, headers.toString('base64')]);
    return `${known.slice(0, -1)},${this.#text}]`;
  }
}

interface WaitingParts {
  readonly time: number;
  readonly seq: number;
  readonly group: GroupId;
  readonly key: string | null;
  readonly keyBytes: Uint8Array | undefined;
  readonly headers: Buffer;
  readonly id: string;
  /** The value, or its JSON. */
  readonly value: JsonObject | string;
}

type Stored = [id: string, key: string | null, keyBytes: string | null, headers: string, value: JsonObject];

/** An event that was stored. */
export function restoredEvent(at: { time: number; seq: number; group: GroupId }, text: string): WaitingEvent {
  const [id, key, bytes, headers, value] = JSON.parse(text) as Stored;
  const event = new WaitingEvent({
    ...at,
    ...{ id, key, value: JSON.stringify(value) },
    keyBytes: bytes === null ? undefined : Buffer.from(bytes, 'base64'),
    headers: Buffer.from(headers, 'base64'),
  });
  event.logged = true;
  return event;
}
