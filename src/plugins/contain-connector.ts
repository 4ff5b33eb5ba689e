import { isMillraceError, type MillraceError } from '../errors/index.ts';
import { RecordBatch } from '../record/batch.ts';
import { type Clock, systemClock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import type { Sink, SinkDefinition } from '../sdk/sink.ts';
import type { Emit, Source, SourceDefinition } from '../sdk/source.ts';
import type { Plugin } from './plugin.ts';
import { thrownText } from './thrown.ts';
import { TOO_LONG, withinTime } from './time-limit.ts';

/** How long a source that is told to end may take, in ms; and how long a connector may take to close. */
const END_MS = 30_000;
const CLOSE_MS = 10_000;
/** How long opening a sink, or one write of it, may take. */
const SINK_MS = 120_000;
const MS_PER_S = 1_000;

/** A source of a plugin: what it throws is tried again, and one that does not end when it is told to is left behind. */
export function containSource(definition: SourceDefinition, plugin: Plugin): SourceDefinition {
  const place: Place = { plugin, kind: 'source', type: definition.type };
  return {
    ...definition,
    create(config) {
      const source = attempt(place, () => definition.create(config));
      let clock: Clock = systemClock;
      return {
        async run(emit, context) {
          clock = context.clock;
          await runSource(source, { emit, context, place });
        },
        close: () => closed(place, clock, () => source.close()),
      };
    },
  };
}

async function runSource(
  source: Source,
  { emit, context, place }: { emit: Emit; context: Parameters<Source['run']>[1]; place: Place },
): Promise<void> {
  const { signal, clock, log } = context;
  let over = false;
  const guarded: Emit = (records, options) => {
    if (over) return Promise.reject(new Error('the source was told to end, and is given no more time'));
    if (records instanceof RecordBatch) return emit(records, options);
    return Promise.reject(failure(place, new TypeError('emit takes a RecordBatch: make it with a BatchBuilder')));
  };
  const running = place.plugin.run(async () => source.run(guarded, context));
  try {
    await Promise.race([running, endOf(running, { signal, clock, log, place })]);
  } catch (error) {
    throw named(place, error);
  } finally {
    over = true;
  }
}

/** Settles when a source has been told to end and has not done so in time. */
async function endOf(
  running: Promise<void>,
  { signal, clock, log, place }: { signal: AbortSignal; clock: Clock; log: Logger; place: Place },
): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if ((await withinTime(running, { ms: END_MS, clock })) !== TOO_LONG) return;
  log.warn(
    `the source ${place.type} of the plugin ${place.plugin.name} has not ended ${END_MS / MS_PER_S} s after its signal; it is left behind`,
  );
}

/** A sink of a plugin: a call that does not come to an end is given up, and is tried again like one that fails. */
export function containSink(definition: SinkDefinition, plugin: Plugin): SinkDefinition {
  const place: Place = { plugin, kind: 'sink', type: definition.type };
  return {
    ...definition,
    create(config, context) {
      const { clock } = context;
      const sink = attempt(place, () => definition.create(config, context));
      const limited = limiter(place, clock);
      const { orderKeys, probe } = sink;
      const contained: Sink = {
        open: (signal) => limited('opening it', signal, (both) => sink.open(both)),
        write: (batch, outcomes, signal) => limited('a write', signal, (both) => sink.write(batch, outcomes, both)),
        close: () => closed(place, clock, () => sink.close()),
      };
      if (orderKeys !== undefined) contained.orderKeys = (records) => attempt(place, () => orderKeys.call(sink, records));
      if (probe !== undefined) contained.probe = (signal) => limited('the probe', signal, (both) => probe.call(sink, both));
      return contained;
    },
  };
}

interface Place {
  readonly plugin: Plugin;
  readonly kind: 'source' | 'sink';
  readonly type: string;
}

/** Runs calls of a sink within their time. */
function limiter(place: Place, clock: Clock) {
  return async <T>(what: string, signal: AbortSignal, call: (both: AbortSignal) => Promise<T>): Promise<T> => {
    const stop = new AbortController();
    try {
      const work = place.plugin.run(async () => call(AbortSignal.any([signal, stop.signal])));
      const done = await withinTime(work, { ms: SINK_MS, clock, signal });
      if (done !== TOO_LONG) return done;
      throw new Error(`${what} has not come to an end within ${SINK_MS / MS_PER_S} s`);
    } catch (error) {
      stop.abort(error);
      signal.throwIfAborted();
      throw named(place, error);
    }
  };
}

function attempt<T>(place: Place, work: () => T): T {
  try {
    return place.plugin.run(work);
  } catch (error) {
    throw named(place, error);
  }
}

/** Closes it, for as long as that may take; what it throws then is of no use to anybody but its author. */
async function closed(place: Place, clock: Clock, close: () => Promise<void>): Promise<void> {
  try {
    await withinTime(
      place.plugin.run(async () => close()),
      { ms: CLOSE_MS, clock },
    );
  } catch (error) {
    place.plugin.faults.tellOf(place.plugin.name, failure(place, error));
  }
}

/** The error with the plugin's name in it; one with a code of its own says what is to be done with it. */
function named(place: Place, error: unknown): unknown {
  return isMillraceError(error) ? error : failure(place, error);
}

function failure({ plugin, kind, type }: Place, error: unknown): MillraceError {
  return plugin.fault('PLUGIN_CONNECTOR', { kind, type, reason: thrownText(error) }, error);
}
