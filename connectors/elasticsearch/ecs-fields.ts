import type { Clock } from 'millrace/sdk';
import { isEmptyFrom, walkMembers } from './members.ts';

export const ECS_FIELDS = ['host', 'agent', 'event.ingested'] as const;
export type EcsField = (typeof ECS_FIELDS)[number];

const HOST = 1;
const AGENT = 2;
const INGESTED = 4;
const BITS: Readonly<Record<EcsField, number>> = { host: HOST, agent: AGENT, 'event.ingested': INGESTED };

const OPEN_BRACE = 0x7b;

/** Which machine and which Millrace deliver. */
export interface EcsOrigin {
  readonly host: string;
  readonly version: string;
  readonly clock: Clock;
}

/**
 * Adds fields of the Elastic Common Schema to documents that lack them: `host.name`, `agent` and `event.ingested`. They
 * are put between a document's own bytes, which stay as they are. A field counts as there where it, or one below it, is
 * written nested or with dots.
 */
export class EcsFields {
  /** Bytes that the fields add to a document, at most. */
  readonly bound: number;
  /** Where the texts go that {@link find} chose, and the texts, empty where none; `eventAt` is behind `headAt`. */
  headAt = 0;
  head = '';
  eventAt = 0;
  event = '';
  readonly #wanted: number;
  readonly #origin: EcsOrigin;
  /** What goes to the beginning of a document, by the fields that it lacks. */
  readonly #heads: string[] = [];
  #ingested = '';
  #has = 0;
  #eventValue = -1;

  constructor(fields: readonly EcsField[], origin: EcsOrigin) {
    this.#wanted = fields.reduce((bits, field) => bits | BITS[field], 0);
    this.#origin = origin;
    this.begin();
    this.bound = Buffer.byteLength(this.#heads[HOST | AGENT | INGESTED] as string) + 1;
  }

  /** Begins a request, whose time of delivery is now. */
  begin(): void {
    const { host, version, clock } = this.#origin;
    this.#ingested = `"ingested":"${new Date(clock.now()).toISOString()}"`;
    const texts = [
      `"host":{"name":${JSON.stringify(host)}}`,
      `"agent":{"name":"millrace","type":"millrace","version":${JSON.stringify(version)}}`,
      `"event":{${this.#ingested}}`,
    ];
    for (let lacks = 0; lacks < 8; lacks += 1) this.#heads[lacks] = texts.filter((_, i) => (lacks & (1 << i)) !== 0).join(',');
  }

  /** Finds what the document in `bytes` lacks, and where it goes. A document that is no JSON object gets nothing. */
  find(bytes: Buffer, start: number, end: number): void {
    this.#has = 0;
    this.#eventValue = -1;
    this.head = '';
    this.event = '';
    const first = walkMembers(bytes, start, end, this.#note);
    if (first < 0) return;
    this.headAt = first;
    const within = (this.#wanted & INGESTED) !== 0 && this.#eventValue >= 0 ? this.#findInEvent(bytes, end) : 0;
    const lacks = this.#wanted & ~(this.#has | within);
    if (lacks === 0) return;
    this.head = `${this.#heads[lacks]}${isEmptyFrom(bytes, first, end) ? '' : ','}`;
  }

  /** `event` is there, so that `ingested` can only go into it, unless it is no object. */
  #findInEvent(bytes: Buffer, end: number): number {
    if ((this.#has & INGESTED) !== 0 || bytes[this.#eventValue] !== OPEN_BRACE) return INGESTED;
    const first = walkMembers(bytes, this.#eventValue, end, this.#noteInEvent);
    if (first >= 0 && (this.#has & INGESTED) === 0) {
      this.eventAt = first;
      this.event = `${this.#ingested}${isEmptyFrom(bytes, first, end) ? '' : ','}`;
    }
    return INGESTED;
  }

  readonly #note = (name: string, valueAt: number): void => {
    if (name === 'host' || name.startsWith('host.')) this.#has |= HOST;
    else if (name === 'agent' || name.startsWith('agent.')) this.#has |= AGENT;
    else if (name === 'event.ingested') this.#has |= INGESTED;
    else if (name === 'event') this.#eventValue = valueAt;
  };

  readonly #noteInEvent = (name: string): void => {
    if (name === 'ingested') this.#has |= INGESTED;
  };
}
