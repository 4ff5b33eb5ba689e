import type { OffsetLookup } from '../../kafka/types.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { StateUnit } from './state-unit.ts';
import type { UnitPlace } from './unit-factory.ts';

/** How long a unit that was given up is kept, in ms: longer than a rebalance takes. */
const KEEP_MS = 60_000;
const WATERMARK_WAIT_MS = 5_000;

interface Parked {
  readonly unit: StateUnit;
  /** The end of its part of the changelog, when nobody else could write to it. */
  readonly high: number;
  readonly until: number;
}

/**
 * Units that a rebalance has taken away, in case that it gives them back: under the eager protocol everybody gives everything up
 * at every join and leave. A unit is taken up as it is where its changelog has not grown since, for then nobody else has had it.
 */
export class UnitParking {
  readonly #changelog: string;
  readonly #lookup: OffsetLookup;
  readonly #clock: Clock;
  /** What its own last transaction may still add: a marker, which a broker writes after it has answered. Anybody else adds more. */
  readonly #slack: number;
  readonly #parked = new Map<string, Parked>();

  constructor(parts: { changelog: string; lookup: OffsetLookup; clock: Clock; exactlyOnce: boolean }) {
    this.#changelog = parts.changelog;
    this.#lookup = parts.lookup;
    this.#clock = parts.clock;
    this.#slack = parts.exactlyOnce ? 1 : 0;
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
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#parked) if (until < now) this.#parked.delete(key);
    if (parked === undefined || parked.until < now) return undefined;
    const high = await this.#highOf(place);
    if (high === undefined || high < parked.high || high > parked.high + this.#slack) return undefined;
    parked.unit.rollback();
    return parked.unit;
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
