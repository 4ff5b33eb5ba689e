import type { Kafka, OffsetLookup } from '../../kafka/types.ts';
import type { Clock } from '../../sdk/clock.ts';
import { readWhole } from '../compacted-topic.ts';
import type { StateUnit } from './state-unit.ts';
import type { UnitPlace } from './unit-factory.ts';

/** How long a unit that was given up is kept, in ms: longer than a rebalance takes. */
const KEEP_MS = 60_000;
const WATERMARK_WAIT_MS = 5_000;

interface Parked {
  readonly unit: StateUnit;
  /** The end of its part of the changelog, when nobody else could write to it: behind it nothing but the end of its own last transaction. */
  readonly high: number;
  readonly until: number;
}

/**
 * Units that a rebalance has taken away, in case that it gives them back: under the eager protocol everybody gives everything up
 * at every join and leave. A unit is taken up as it is where no record has come to its changelog since, for then nobody else has had it.
 */
export class UnitParking {
  readonly #changelog: string;
  readonly #kafka: Kafka;
  readonly #lookup: OffsetLookup;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #parked = new Map<string, Parked>();

  constructor(parts: { changelog: string; kafka: Kafka; lookup: OffsetLookup; clock: Clock; signal: AbortSignal }) {
    this.#changelog = parts.changelog;
    this.#kafka = parts.kafka;
    this.#lookup = parts.lookup;
    this.#clock = parts.clock;
    this.#signal = parts.signal;
  }

  /** Keeps units that are still this task's, with nothing in flight. */
  async add(units: readonly StateUnit[]): Promise<void> {
    const until = this.#clock.monotonic() + KEEP_MS;
    await Promise.all(
      units.map(async (unit) => {
        const high = await this.#highOf(unit);
        if (high !== undefined) this.#parked.set(keyOf(unit), { unit, high, until });
      }),
    );
  }

  /** The unit, where it has been nobody else's meanwhile. */
  async take(place: UnitPlace): Promise<StateUnit | undefined> {
    const parked = this.#parked.get(keyOf(place));
    this.#parked.delete(keyOf(place));
    this.sweep();
    if (parked === undefined || parked.until < this.#clock.monotonic()) return undefined;
    const high = await this.#highOf(place);
    if (high === undefined || high < parked.high || (await this.#grown(place, parked.high))) return undefined;
    parked.unit.rollback();
    return parked.unit;
  }

  /** Units kept. */
  get size(): number {
    return this.#parked.size;
  }

  /** Lets go of units that are somebody else's by now. */
  sweep(): void {
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#parked) if (until < now) this.#parked.delete(key);
  }

  /**
   * Whether a record has come behind `from`. The number of what is there does not tell: a broker writes the end of a transaction
   * after it has answered, so what looks like the end of our last one may be a record of somebody's whose end is still to come.
   */
  async #grown({ partition }: UnitPlace, from: number): Promise<boolean> {
    let grown = false;
    const reading = { kafka: this.#kafka, lookup: this.#lookup, topic: this.#changelog, partition, from, signal: this.#signal };
    await readWhole(reading, () => {
      grown = true;
    });
    return grown;
  }

  async #highOf({ partition }: UnitPlace): Promise<number | undefined> {
    try {
      const { high } = await this.#lookup.watermarks({ topic: this.#changelog, partition }, WATERMARK_WAIT_MS);
      return high;
    } catch {
      // Then it is restored as one that is new.
      return undefined;
    }
  }
}

function keyOf({ name, partition }: UnitPlace): string {
  return `${name}/${partition}`;
}
