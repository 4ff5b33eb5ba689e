import { setMaxListeners } from 'node:events';
import { errorMessage, isMillraceError, reasonOf } from '../errors/index.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import { Outcomes } from '../sdk/outcomes.ts';
import type { DeliveryError, Sink } from '../sdk/sink.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import type { SinkNode } from '../topology/types.ts';
import { Backoff } from './backoff.ts';
import type { PassFaultPoint } from './fault-points.ts';
import { KeyOrder } from './key-order.ts';
import type { DeliveryBatch } from './sink-batch.ts';
import { WriteGate } from './write-gate.ts';

/** A destination that stays away is spoken of again after this long. */
const REMIND_MS = 30_000;

export interface DeliveryOptions {
  readonly node: SinkNode;
  readonly sink: Sink;
  readonly stats: ComponentStats;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly pass: PassFaultPoint;
}

/**
 * Delivers a batch until every record of it is delivered or a dead letter: what may pass is tried again for ever, alone
 * and with growing waits; what the destination rejects becomes a dead letter; a request refused whole is halved until
 * the records at fault stand alone.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #gate: WriteGate;
  readonly #order = new KeyOrder();
  #troubledSince: number | undefined;
  #remindAt = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#gate = new WriteGate(options.clock, options.node.concurrency);
  }

  /** Settles when the batch is done. Rejects only when the signal is aborted: the batch is then not done. */
  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<void> {
    // Each write in flight listens, and there are as many as the user wants: no leak that Node should warn of.
    setMaxListeners(0, signal);
    if (batch.length > 0) {
      const keys = this.#options.sink.orderKeys?.(batch.view(undefined).records);
      await (keys === undefined ? this.#settle(batch, undefined, signal) : this.#settleInOrder(batch, keys, signal));
    }
    batch.settle();
  }

  /** Settles the records of each key one after the other, also after those of the batches before. */
  async #settleInOrder(batch: DeliveryBatch, keys: readonly (string | undefined)[], signal: AbortSignal): Promise<void> {
    // Before anything is awaited: batches queue up in the order in which they were taken.
    const turns = this.#order.join(keys);
    try {
      for (let rows = await turns.next(signal); rows.length > 0; rows = await turns.next(signal)) {
        await this.#settle(batch, rows.length === batch.length ? undefined : rows, signal);
        turns.settled(rows);
      }
    } finally {
      turns.leave();
    }
  }

  async #settle(batch: DeliveryBatch, rows: readonly number[] | undefined, signal: AbortSignal): Promise<void> {
    const { node, clock, random } = this.#options;
    const backoff = new Backoff({ clock, random }, node.retry);
    let pending = rows;
    for (;;) {
      const outcomes = await this.#write(batch, pending, signal);
      if (outcomes?.refusal !== undefined) {
        await this.#halve({ batch, rows: pending ?? range(batch.length), refusal: outcomes.refusal, signal });
        return;
      }
      pending = outcomes === undefined ? (pending ?? range(batch.length)) : this.#account(batch, pending, outcomes);
      if (pending.length === 0) {
        this.#recovered();
        return;
      }
      this.#options.stats.retries += 1;
      await clock.sleep(backoff.next(), signal);
    }
  }

  /** One try. Undefined where the sink threw: then nothing is known of any record. */
  async #write(batch: DeliveryBatch, rows: readonly number[] | undefined, signal: AbortSignal): Promise<Outcomes | undefined> {
    const began = await this.#gate.enter(signal);
    const view = batch.view(rows);
    const outcomes = new Outcomes(view.records.length);
    let failed = true;
    try {
      await this.#options.sink.write(view, outcomes, signal);
      failed = false;
      this.#options.pass('after_delivery');
    } catch (error) {
      signal.throwIfAborted();
      this.#troubled({ code: isMillraceError(error) ? error.code : 'RUNTIME_INTERNAL', message: reasonOf(error) });
      return undefined;
    } finally {
      if (signal.aborted) this.#gate.cancelled();
      else this.#gate.leave(began, { bytes: sizeOf(batch, outcomes.length), overloaded: failed || outcomes.overloaded });
      this.#options.stats.concurrency = this.#gate.limit;
    }
    return outcomes;
  }

  /** Books the outcomes; returns the rows to send again. */
  #account(batch: DeliveryBatch, rows: readonly number[] | undefined, outcomes: Outcomes): readonly number[] {
    const again: number[] = [];
    let unknown = 0;
    for (let i = 0; i < outcomes.length; i += 1) {
      const row = rows === undefined ? i : (rows[i] as number);
      switch (outcomes.of(i)) {
        case 'delivered':
          batch.delivered += 1;
          break;
        case 'duplicate':
          batch.delivered += 1;
          batch.duplicates += 1;
          break;
        case 'rejected':
          this.#rejected(batch, row, outcomes.errorOf(i) as DeliveryError);
          break;
        case 'retry':
          again.push(row);
          this.#troubled(outcomes.errorOf(i) as DeliveryError);
          break;
        case 'unknown':
          again.push(row);
          unknown += 1;
          break;
      }
    }
    if (unknown > 0)
      this.#troubled({ code: 'SINK_SAYS_NOTHING', message: errorMessage('SINK_SAYS_NOTHING', { records: unknown }) });
    return again;
  }

  async #halve(part: {
    batch: DeliveryBatch;
    rows: readonly number[];
    refusal: DeliveryError;
    signal: AbortSignal;
  }): Promise<void> {
    const { batch, rows, refusal, signal } = part;
    if (rows.length === 1) {
      this.#rejected(batch, rows[0] as number, refusal);
      return;
    }
    const middle = rows.length >> 1;
    await this.#settle(batch, rows.slice(0, middle), signal);
    await this.#settle(batch, rows.slice(middle), signal);
  }

  #rejected(batch: DeliveryBatch, row: number, error: DeliveryError): void {
    if (this.#options.node.onError === 'drop') batch.dropped += 1;
    else batch.rejectRow(row, error);
  }

  #troubled(error: DeliveryError): void {
    const { stats, clock, log, node } = this.#options;
    const now = clock.monotonic();
    stats.state = 'retrying';
    stats.reason = error.message;
    if (this.#troubledSince !== undefined && now < this.#remindAt) return;
    this.#troubledSince ??= now;
    this.#remindAt = now + REMIND_MS;
    log.warn(`${error.message}; it is tried again until it succeeds`, { sink: node.name, code: error.code });
  }

  #recovered(): void {
    const { stats, clock, log, node } = this.#options;
    stats.state = 'running';
    stats.reason = '';
    if (this.#troubledSince === undefined) return;
    log.info('delivering again', {
      sink: node.name,
      after_seconds: Math.round((clock.monotonic() - this.#troubledSince) / 1000),
    });
    this.#troubledSince = undefined;
  }
}

/** About how many bytes so many records of a batch have. */
function sizeOf(batch: DeliveryBatch, records: number): number {
  return (batch.rowBytes * records) / batch.length;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
