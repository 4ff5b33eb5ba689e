import { BatchBuilder, type Clock, type Logger, type SinkBatch, type SinkContext, systemClock } from 'millrace/sdk';

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
  return { name: 'search', pipeline: 'test', host: 'host-1', probing: false, clock, log };
}
