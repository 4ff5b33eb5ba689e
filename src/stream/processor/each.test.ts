import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ProcessorRecord } from '../../sdk/processor-record.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { operatorOf } from './each.ts';

const records = Array.from(
  { length: 20 },
  (_, offset) => new ProcessorRecord({ topic: 'in', partition: 0, offset, value: { n: offset }, key: null, time: 0 }),
);

const numbers = (work: Parameters<typeof operatorOf>[0]): Promise<number[]> =>
  lastValueFrom(operatorOf(work, 'test')(from(records)).pipe(toArray())).then((out) =>
    out.map(({ value }) => value['n'] as number),
  );

describe('a processor for each record', () => {
  const all = records.map((_, n) => n);

  it('gives what comes of them in their order, however long each takes, so many at a time', async () => {
    const clock = new VirtualClock(0);
    let atWork = 0;
    let most = 0;
    const out = numbers({
      concurrency: 4,
      each: async (record) => {
        atWork += 1;
        most = Math.max(most, atWork);
        await clock.sleep((record.offset * 7) % 5);
        atWork -= 1;
        return record;
      },
    });
    expect(await clock.run(out)).toEqual(all);
    expect(most).toBe(4);
  });

  it('mixes what is there at once with what is waited for', async () => {
    expect(await numbers({ each: (record) => (record.offset % 3 === 0 ? Promise.resolve(record) : record) })).toEqual(all);
  });

  it('takes none, one or many of a record', async () => {
    const each = (record: ProcessorRecord) => [null, undefined, record, [record, record], []][record.offset % 5] ?? null;
    expect(await numbers({ each })).toEqual([2, 3, 3, 7, 8, 8, 12, 13, 13, 17, 18, 18]);
  });

  it('stops at what is thrown, and at what is rejected', async () => {
    const begun: number[] = [];
    const each = (record: ProcessorRecord) => {
      begun.push(record.offset);
      if (record.offset === 2) throw new Error('at once');
      return record;
    };
    await expect(numbers({ each })).rejects.toThrow('at once');
    expect(begun).toEqual([0, 1, 2]);
    await expect(numbers({ each: ({ offset }) => Promise.reject(new Error(`later ${offset}`)) })).rejects.toThrow('later 0');
  });

  it('is called once for all of a micro-batch, and not for none', async () => {
    expect(await numbers({ batch: (given) => Promise.resolve(given.toReversed()) })).toEqual(all.toReversed());
    const empty = operatorOf({ batch: () => Promise.reject(new Error('called')) }, 'test')(from([]));
    expect(await lastValueFrom(empty.pipe(toArray()))).toEqual([]);
  });

  it('does one thing only', () => {
    const both = { each: () => null, batch: () => null };
    expect(() => operatorOf(both, 'test')).toThrow('an object with one of "process", "each" and "batch"');
  });
});
