import { mix } from '../mix.ts';
import { Draws, hashOf, unitOf } from './draws.ts';
import { FRAUD_KINDS, type FraudKind, SCHEMES } from './fraud-kinds.ts';
import type { Purchase } from './purchase.ts';
import type { World } from './world.ts';

/** Which part of all transactions belongs to episodes of each kind. */
export type FraudShares = { readonly [Kind in FraudKind]?: number | undefined };

/** One case of fraud, with all its transactions. */
export interface Episode {
  /** `velocity-17` is the eighteenth of its kind. */
  readonly id: string;
  readonly kind: FraudKind;
  readonly purchases: readonly Purchase[];
}

/** A transaction of an episode. */
export interface Part {
  readonly episode: Episode;
  /** Its number in the episode, from 0. */
  readonly number: number;
}

interface Row {
  readonly kind: FraudKind;
  readonly number: number;
  /** How many transactions there are for each episode. */
  readonly spacing: number;
  readonly longest: number;
}

/**
 * Says which transactions of fraud there are in a span of time. Of each kind there is one episode in so many transactions
 * as its share asks for, at a place among them that the hash of seed, kind and the episode's number gives. So the episodes
 * that reach into a span are found without those before it.
 */
export class Episodes {
  readonly #world: World;
  readonly #rows: readonly Row[];
  readonly #draws = new Draws();

  constructor(world: World, shares: FraudShares) {
    this.#world = world;
    this.#rows = FRAUD_KINDS.flatMap((kind, number) => {
      const share = shares[kind] ?? 0;
      const { parts, longest } = SCHEMES[kind];
      return share > 0 ? [{ kind, number, spacing: parts / share, longest }] : [];
    });
  }

  /** The transactions of fraud from a time up to before another (ms since 1970), in the order of their times. */
  within(from: number, to: number): Part[] {
    const { start, calendar } = this.#world;
    const parts: Part[] = [];
    for (const row of this.#rows) {
      const earliest = Math.max(start, from - row.longest);
      const last = Math.floor(calendar.countAt(to) / row.spacing);
      for (let number = Math.floor(calendar.countAt(earliest) / row.spacing); number <= last; number += 1) {
        const time = this.#timeOf(row, number);
        if (time < earliest || time >= to) continue;
        const episode = this.#episode(row, number, time);
        episode.purchases.forEach((purchase, i) => {
          if (purchase.time >= from && purchase.time < to) parts.push({ episode, number: i });
        });
      }
    }
    // A sort that is stable: what is at one time stays in the order of kinds.
    return parts.sort((a, b) => timeOfPart(a) - timeOfPart(b));
  }

  #timeOf(row: Row, number: number): number {
    const { seed, calendar } = this.#world;
    const within = unitOf(hashOf(seed ^ mix(0x0e915, row.number), number));
    return Math.floor(calendar.timeAt((number + within) * row.spacing));
  }

  #episode({ kind, number: kindNumber }: Row, number: number, time: number): Episode {
    const purchases = SCHEMES[kind].purchases({
      ...this.#world,
      time,
      episode: number * FRAUD_KINDS.length + kindNumber,
      draws: this.#draws.from(hashOf(this.#world.seed ^ mix(0x0f4a0d, kindNumber), number)),
    });
    return { id: `${kind}-${number}`, kind, purchases };
  }
}

export function timeOfPart({ episode, number }: Part): number {
  return (episode.purchases[number] as Purchase).time;
}
