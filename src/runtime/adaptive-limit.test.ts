import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { WriteGate } from './write-gate.ts';

const ended = (limit: AdaptiveLimit, more: Partial<Parameters<AdaptiveLimit['ended']>[0]>): void =>
  limit.ended({ began: 0, ended: 10, bytes: 1_000, overloaded: false, inFlight: limit.limit, ...more });

describe('AdaptiveLimit', () => {
  it('starts at what is configured where that is little, and never goes beyond', () => {
    const limit = new AdaptiveLimit(3);
    for (let at = 0; at < 1_000; at += 10) ended(limit, { began: at, ended: at + 10 });
    expect(limit.limit).toBe(3);
  });

  it('doubles at first, and is not raised while it is not used', () => {
    const limit = new AdaptiveLimit(100);
    ended(limit, { began: 0, ended: 10 });
    expect(limit.limit).toBe(8);
    ended(limit, { began: 20, ended: 30, inFlight: 3 });
    expect(limit.limit).toBe(8);
  });

  it('falls by a third at an overload, once for all the writes that were in flight, and never below 1', () => {
    const limit = new AdaptiveLimit(10);
    for (let i = 0; i < 4; i += 1) ended(limit, { overloaded: true, began: 0, ended: 10 + i });
    expect(limit.limit).toBe(2);
    for (let at = 20; at < 200; at += 10) ended(limit, { overloaded: true, began: at, ended: at + 5 });
    expect(limit.limit).toBe(1);
    for (let at = 200; at < 400; at += 10) ended(limit, { began: at, ended: at + 10 });
    expect(limit.limit).toBe(10);
  });

  it('compares a write with those of its size only', () => {
    const limit = new AdaptiveLimit(4);
    for (let at = 0; at < 1_000; at += 10) ended(limit, { began: at, ended: at + 10 });
    for (let at = 1_000; at < 9_000; at += 200) ended(limit, { began: at, ended: at + 200, bytes: 1_000_000 });
    expect(limit.limit).toBe(4);
    ended(limit, { began: 10_000, ended: 10_500 });
    expect(limit.limit).toBe(3);
  });
});

/** A link to a destination: how long a write takes, and whether it is refused, by what is in flight. Reproducible. */
interface Link {
  readonly name: string;
  readonly most: number;
  write(at: { inFlight: number; now: number; random: () => number }): { ms: number; refused?: boolean };
  /** What is expected of the last half of the run: the mean limit, and the share of refused writes. */
  readonly limit: readonly [number, number];
  readonly refused?: number;
  /** Successful writes a second. */
  readonly rate: number;
}

/** Writes beyond `capacity` wait for each other. */
function queueing(capacity: number): Link['write'] {
  return ({ inFlight }) => ({ ms: 50 * Math.max(1, inFlight / capacity) });
}

const links: readonly Link[] = [
  { name: 'takes all at one speed', most: 30, write: () => ({ ms: 50 }), limit: [29, 30], rate: 560 },
  {
    name: 'answers in times that vary as widely as exponentially',
    most: 10,
    write: ({ random }) => ({ ms: -50 * Math.log(1 - random()) }),
    limit: [8, 10],
    rate: 150,
  },
  { name: 'works on 10 at a time, and the others wait', most: 100, write: queueing(10), limit: [10, 26], rate: 190 },
  { name: 'works on one at a time, and the others wait', most: 4, write: queueing(1), limit: [1, 4], rate: 19 },
  {
    name: 'refuses the ninth at a time',
    most: 60,
    write: ({ inFlight, random }) => (inFlight > 8 ? { ms: 5, refused: true } : { ms: 40 + 20 * random() }),
    limit: [5, 9],
    refused: 0.15,
    rate: 105,
  },
  {
    name: 'is three times as slow for good after a while',
    most: 8,
    write: ({ now }) => ({ ms: now > 20_000 ? 150 : 50 }),
    limit: [7, 8],
    rate: 48,
  },
  {
    name: 'is away for ten seconds of every minute',
    most: 8,
    write: ({ now }) => (now % 60_000 < 10_000 ? { ms: 1_000, refused: true } : { ms: 50 }),
    limit: [5.5, 8],
    refused: 0.05,
    rate: 100,
  },
  {
    name: 'takes large and small writes in turn',
    most: 12,
    write: ({ random }) => ({ ms: 40 + 20 * random() }),
    limit: [11, 12],
    rate: 210,
  },
];

const LENGTH_MS = 120_000;

/** Writers without end, as many as may be in flight, over a link; measured over the second half. */
async function run(link: Link) {
  const clock = new VirtualClock();
  const gate = new WriteGate(clock, link.most);
  const { signal: never } = new AbortController();
  setMaxListeners(0, never);
  let seed = 42;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const seen = { limits: 0, writes: 0, refused: 0, most: 0 };
  const writer = async (): Promise<void> => {
    while (clock.monotonic() < LENGTH_MS) {
      const began = await gate.enter(never);
      seen.most = Math.max(seen.most, gate.inFlight);
      const { ms, refused = false } = link.write({ inFlight: gate.inFlight, now: clock.monotonic(), random });
      await clock.sleep(ms);
      gate.leave(began, { bytes: 1_000, overloaded: refused });
      if (clock.monotonic() > LENGTH_MS / 2) {
        seen.writes += 1;
        seen.limits += gate.limit;
        if (refused) seen.refused += 1;
      }
      if (refused) await clock.sleep(100 + 100 * random());
    }
  };
  await clock.run(Promise.all(Array.from({ length: link.most }, writer)));
  const seconds = LENGTH_MS / 2_000;
  return {
    limit: seen.limits / seen.writes,
    refused: seen.refused / seen.writes,
    rate: (seen.writes - seen.refused) / seconds,
    most: seen.most,
  };
}

describe('a link that', () => {
  it.each(links)('$name', async (link) => {
    const { limit, refused, rate, most } = await run(link);
    expect(most).toBeLessThanOrEqual(link.most);
    expect(limit).toBeGreaterThanOrEqual(link.limit[0]);
    expect(limit).toBeLessThanOrEqual(link.limit[1]);
    expect(refused).toBeLessThanOrEqual(link.refused ?? 0);
    expect(rate).toBeGreaterThanOrEqual(link.rate);
  });
});
