import {
  BatchBuilder,
  type Clock,
  encodeHeaders,
  type Logger,
  RESULT_ID,
  RESULT_VERSION,
  type SinkBatch,
  type SinkContext,
  systemClock,
} from 'millrace/sdk';
import { noMetrics } from '../../src/sdk/metrics.ts';

/** A batch of values as a sink gets it, with ids `id-0`, `id-1`, ... */
export function batchOf(values: readonly (string | Buffer | null)[], id: (i: number) => string = (i) => `id-${i}`): SinkBatch {
  const builder = new BatchBuilder(['events']);
  values.forEach((value, i) => {
    builder.begin(0, 0, 1_700_000_000_000 + i);
    builder.offset(i);
    builder.key('a\nkey');
    builder.value(value);
  });
  return { records: builder.batch(), id };
}

/** A record with the headers that windows and joins give their results; without an id it is a record like others. */
export interface SentResult {
  readonly value: string | null;
  readonly id?: string;
  readonly version?: string;
}

/** A batch of results as a sink gets it. */
export function batchOfResults(results: readonly SentResult[]): SinkBatch {
  const builder = new BatchBuilder(['results']);
  results.forEach(({ value, id, version }, i) => {
    builder.begin(0, 0, 1_700_000_000_000 + i);
    builder.offset(i);
    builder.value(value);
    const headers = [
      { name: 'trace', value: 'x' },
      ...(id === undefined ? [] : [{ name: RESULT_ID, value: id }]),
      ...(version === undefined ? [] : [{ name: RESULT_VERSION, value: version }]),
    ];
    builder.headers(encodeHeaders(headers));
  });
  return { records: builder.batch(), id: (i) => `id-${i}` };
}

/** A logger that keeps its warnings. */
export class KeptLog implements Logger {
  readonly warnings: string[] = [];
  debug(): void {}
  info(): void {}
  error(): void {}
  warn(message: string): void {
    this.warnings.push(message);
  }
}

export function contextWith(log: Logger = new KeptLog(), clock: Clock = systemClock): SinkContext {
  return { name: 'search', pipeline: 'test', host: 'host-1', probing: false, clock, log, metrics: noMetrics };
}
