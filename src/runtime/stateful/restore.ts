import { MillraceError } from '../../errors/index.ts';
import type { Kafka, OffsetLookup } from '../../kafka/types.ts';
import type { JsonObject } from '../../record/json.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { Logger } from '../../sdk/logger.ts';
import type { ResetPlace } from '../../topology/reset-place.ts';
import { readWhole } from '../compacted-topic.ts';
import type { StateUnit } from './state-unit.ts';

/** What the keys of event times begin with; those of steps begin with the step's id and a colon, and ids have no exclamation mark. */
const TIME_PREFIX = '!time:';
const FORMAT = 1;
/** How often a long restore says how far it is, in ms. */
const PROGRESS_MS = 5_000;

export interface Restoring {
  readonly stage: string;
  /** How its stream is reset. */
  readonly reset: ResetPlace;
  readonly changelog: string;
  /** The ids of the steps of the unit's operators, in their order. */
  readonly steps: readonly string[];
  readonly kafka: Kafka;
  readonly lookup: OffsetLookup;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export function timeKey(unit: StateUnit): string {
  return TIME_PREFIX + unit.name;
}

/**
 * Reads a unit's state and event time back from its changelog, as it was committed last. Anything less than all of it up to the
 * high watermark would be a state of the past: see `readWhole`.
 */
export async function restoreUnit(unit: StateUnit, at: Restoring): Promise<void> {
  const { stage, changelog, steps, kafka, lookup, clock, log, signal } = at;
  const started = clock.monotonic();
  let said = started;
  let records = 0;
  let time: JsonObject | undefined;
  const own = timeKey(unit);
  await readWhole({ kafka, lookup, topic: changelog, partition: unit.partition, signal }, (batch, row) => {
    records += 1;
    const key = batch.key(row)?.toString('utf8') ?? '';
    const value = batch.value(row);
    if (key.startsWith(TIME_PREFIX)) {
      if (key === own && value !== null) time = batch.valueJson(row) as JsonObject;
      return;
    }
    const colon = key.indexOf(':');
    const operator = unit.operators[steps.indexOf(key.slice(0, colon))];
    operator?.restore(key.slice(colon + 1), value === null ? null : value.toString('utf8'));
    if (records % 10_000 === 0 && clock.monotonic() - said > PROGRESS_MS) {
      said = clock.monotonic();
      log.info('restoring state', { stage, partition: unit.partition, records, seconds: Math.round((said - started) / 1_000) });
    }
  });
  if (time !== undefined && time['format'] !== FORMAT) {
    throw new MillraceError('STATE_FORMAT', {
      ...at.reset,
      stage,
      partition: unit.partition,
      found: JSON.stringify(time['format'] ?? null),
      known: FORMAT,
    });
  }
  unit.restored(time);
  const entries = unit.operators.reduce((sum, operator) => sum + operator.size, 0);
  const seconds = Math.round((clock.monotonic() - started) / 100) / 10;
  const level = entries > 0 ? 'info' : 'debug';
  log[level]('state restored', { stage, partition: unit.partition, entries, records, seconds });
}
