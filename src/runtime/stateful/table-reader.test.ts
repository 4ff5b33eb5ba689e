import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../../test/support/fake-kafka.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { TableReader } from './table-reader.ts';

const source = { topic: 'table', maxKeys: 100 };
const at = { topic: 'table', partition: 0 };

function setUp() {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  kafka.createTopic('table', 2);
  const reader = new TableReader({ kafka, lookup: kafka.admin() });
  const put = (key: string, value: string | null): void => kafka.produce(at, [value], { key });
  return { clock, kafka, reader, put };
}

describe('TableReader', () => {
  it('gives a table that is complete, and keeps it up', async () => {
    const { clock, reader, put } = setUp();
    put('a', '1');
    put('b', '2');
    put('a', '3');
    const table = await clock.run(reader.open(source, 0));
    expect([table.get('a'), table.get('b'), table.get('c')]).toEqual([3, 2, undefined]);
    put('b', null);
    put('c', '4');
    await clock.advance(1_000);
    expect([table.get('b'), table.get('c')]).toEqual([undefined, 4]);
    expect(await clock.run(reader.open(source, 0))).toBe(table);
    await clock.run(reader.close());
  });

  it('waits for what an open transaction holds up', async () => {
    const { clock, kafka, reader } = setUp();
    const transaction = { state: 'open' as 'open' | 'committed' };
    const record = { key: Buffer.from('a'), value: Buffer.from('1'), headers: Buffer.alloc(0), timestamp: 0 };
    kafka.log(at).append(record, transaction);
    const opening = reader.open(source, 0);
    await clock.advance(5_000);
    transaction.state = 'committed';
    kafka.log(at).append(undefined, transaction);
    kafka.wake();
    expect((await clock.run(opening)).get('a')).toBe(1);
    await clock.run(reader.close());
  });

  it('begins a table anew that was forgotten, whatever a read still brings of the old one', async () => {
    const { clock, kafka, reader, put } = setUp();
    put('a', '1');
    await clock.run(reader.open(source, 0));
    // A read that is on its way while the table is given up and wanted again.
    let release = (): void => {};
    kafka.script = (point) => (point === 'read' ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined);
    await clock.advance(200);
    reader.forget(at);
    const opening = reader.open(source, 0);
    await clock.settle();
    put('b', '2');
    kafka.script = () => undefined;
    release();
    const table = await clock.run(opening);
    expect([table.get('a'), table.get('b')]).toEqual([1, 2]);
    await clock.run(reader.close());
  });

  it.each(['forgotten', 'closed', 'failing'] as const)('leaves nobody waiting for a table that is %s', async (how) => {
    const { clock, kafka, reader } = setUp();
    const record = { key: Buffer.from('a'), value: Buffer.from('1'), headers: Buffer.alloc(0), timestamp: 0 };
    kafka.log(at).append(record, { state: 'open' });
    const opening = reader.open(source, 0);
    opening.catch(() => undefined);
    await clock.advance(1_000);
    if (how === 'forgotten') reader.forget(at);
    else if (how === 'closed') void reader.close();
    else kafka.script = (point) => (point === 'read' ? 'fatal' : undefined);
    await expect(clock.run(opening, 5_000)).rejects.toThrow(/not wanted|task ends|scripted/);
    if (how === 'failing') {
      await expect(clock.run(reader.open(source, 1), 5_000)).rejects.toThrow('scripted');
      expect(() => reader.assertReading()).toThrow();
    }
    await clock.run(reader.close());
  });
});
