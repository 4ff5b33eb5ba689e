import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_WATERMARK } from '../../sdk/operator.ts';
import { type Marker, MergedClock } from './merged-clock.ts';

const COUNTS: Readonly<Record<string, number>> = { a: 2, b: 3 };

const marker: fc.Arbitrary<Marker> = fc
  .tuple(fc.constantFrom('a', 'b'), fc.nat(2), fc.option(fc.integer({ min: -5, max: 50 })), fc.boolean())
  .map(([topic, partition, watermark, silent]) => ({
    topic,
    partition: partition % (COUNTS[topic] as number),
    partitions: COUNTS[topic] as number,
    ...(watermark === null ? {} : { watermark }),
    ...(silent && watermark === null ? { silent } : {}),
  }));

/** The minimum of what every partition said last, once all have said something. */
function definition(markers: readonly Marker[]): number {
  const last = new Map(markers.map((one) => [`${one.topic}/${one.partition}`, one]));
  if (last.size < 5) return NO_WATERMARK;
  const heard = [...last.values()].filter(({ silent }) => silent !== true);
  return heard.length === 0 ? NO_WATERMARK : Math.min(...heard.map(({ watermark = NO_WATERMARK }) => watermark));
}

describe('MergedClock', () => {
  it('is the largest minimum so far of what all upstream partitions said last', () => {
    fc.assert(
      fc.property(fc.array(marker, { maxLength: 40 }), (markers) => {
        const clock = new MergedClock(['a', 'b']);
        let most = NO_WATERMARK;
        for (const [i, one] of markers.entries()) {
          const before = clock.watermark;
          expect(clock.observe(one)).toBe(clock.watermark > before);
          most = Math.max(most, definition(markers.slice(0, i + 1)));
          expect(clock.watermark).toBe(most);
        }
      }),
    );
  });

  it('is the same after what it stores', () => {
    fc.assert(
      fc.property(fc.array(marker), fc.array(marker), (before, after) => {
        const whole = new MergedClock(['a', 'b']);
        for (const one of before) whole.observe(one);
        const restored = new MergedClock(['a', 'b'], JSON.parse(JSON.stringify(whole.stored())) as Marker[]);
        for (const one of after) {
          whole.observe(one);
          restored.observe(one);
        }
        expect(restored.stored()).toEqual(whole.stored());
        expect(restored.counts).toBe(whole.counts);
        expect(restored.watermark).toBeLessThanOrEqual(whole.watermark);
      }),
    );
  });

  it('holds back until every partition has been heard from, and counts for nothing where all are silent', () => {
    const clock = new MergedClock(['a']);
    clock.observe({ topic: 'a', partition: 0, partitions: 2, watermark: 5 });
    expect([clock.watermark, clock.counts]).toEqual([NO_WATERMARK, true]);
    clock.observe({ topic: 'a', partition: 1, partitions: 2, silent: true });
    expect([clock.watermark, clock.counts]).toEqual([5, true]);
    const silent = new MergedClock(['a']);
    silent.observe({ topic: 'a', partition: 0, partitions: 1, silent: true });
    expect([silent.watermark, silent.counts]).toEqual([NO_WATERMARK, false]);
  });

  it('forgets what was not stored', () => {
    const clock = new MergedClock(['a']);
    clock.observe({ topic: 'a', partition: 0, partitions: 1, watermark: 5 });
    const stored = clock.stored();
    clock.observe({ topic: 'a', partition: 0, partitions: 1, watermark: 9 });
    clock.restore(stored);
    expect(clock.watermark).toBe(5);
  });
});
