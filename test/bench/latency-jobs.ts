import { toIso } from '../../src/record/iso-time.ts';
import type { JsonObject } from '../../src/record/json.ts';
import type { LatencyJob } from './result-latency.ts';

const WINDOW_MS = 1_000;

/** From the record that passes the end of a window to the window's results. */
class WindowLatency implements LatencyJob {
  readonly name = 'latency-window';
  readonly recordsPerSecond = 20_000;
  readonly targetMs = 500;
  readonly steps = `{ window: { tumbling: ${WINDOW_MS}ms, by: [ $key ], compute: { records: count(), bytes: sum(bytes) } } }`;
  /** By partition and the end of a window: when its first record behind that was made. */
  #passed: Map<number, number>[] = [];

  begin(partitions: number): void {
    this.#passed = Array.from({ length: partitions }, () => new Map<number, number>());
  }

  valueOf(n: number, { key, partition, now }: { key: number; partition: number; now: number }): string {
    const end = Math.floor(now / WINDOW_MS) * WINDOW_MS;
    const passed = this.#passed[partition];
    if (passed?.has(end) === false) passed.set(end, now);
    return `{"@timestamp":"${toIso(now)}","user":{"id":"user-${key}"},"status":200,"bytes":${n % 50_000}}`;
  }

  madeAt({ key, pane, window }: JsonObject): number | undefined {
    const end = Date.parse((window as { end: string }).end);
    return pane === 'on_time' ? this.#passed[Number(key) % this.#passed.length]?.get(end) : undefined;
  }
}

/** Of ten payments of a card the first is tiny, and this one large. */
const LARGE = 5;
const ROUND = 10;
const CARDS = 1_000;

/** From the payment that completes a pattern to the alert. */
class AlertLatency implements LatencyJob {
  readonly name = 'latency-alert';
  readonly recordsPerSecond = 10_000;
  readonly targetMs = 1_000;
  readonly steps =
    "{ pattern: { by: [ $key ], within: 1m, skip: past_last_event, sequence: [ { begin: tiny, where: 'amount < 2' }, { followed_by: large, where: 'amount > 500' } ], compute: { made: large.made } } }, { alert: { name: Card test, by: [ $key ], resolve_after: 100ms, fields: { made: '{{ made }}' } } }";

  begin(): void {
    // Each result says when its record was made.
  }

  valueOf(n: number, { key, now }: { key: number; now: number }): string {
    const turn = Math.floor(n / CARDS) % ROUND;
    const amount = turn === 0 ? 1 : turn === LARGE ? 900 : 10 + (n % 300);
    return `{"@timestamp":"${toIso(now)}","card":{"id":"card-${key}"},"amount":${amount},"made":${now}}`;
  }

  madeAt({ alert, made }: JsonObject): number | undefined {
    return (alert as JsonObject)['status'] === 'open' ? Number(made) : undefined;
  }
}

export const LATENCY_JOBS: Readonly<Record<'latency-window' | 'latency-alert', LatencyJob>> = {
  'latency-window': new WindowLatency(),
  'latency-alert': new AlertLatency(),
};
