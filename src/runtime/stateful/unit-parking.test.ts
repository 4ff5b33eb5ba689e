import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../../test/support/fake-kafka.ts';
import type { LogTransaction } from '../../testing/memory-kafka/memory-log.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { StateUnit } from './state-unit.ts';
import { UnitParking } from './unit-parking.ts';

const record = { key: Buffer.from('k'), value: Buffer.from('v'), headers: Buffer.alloc(0), timestamp: 0 };

function setUp() {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  kafka.createTopic('changelog', 2);
  const log = kafka.log({ topic: 'changelog', partition: 0 });
  const signal = new AbortController().signal;
  const parking = new UnitParking({ changelog: 'changelog', kafka, lookup: kafka.admin(), clock, signal });
  const rules = { waitMs: 0, whenIdle: 'hold' as const };
  const unit = new StateUnit({ name: 's', partition: 0, operators: [], inputs: [], rules });
  log.append(record, undefined);
  return { clock, kafka, log, parking, unit };
}

describe('UnitParking', () => {
  it('gives a unit back that nobody else has had, once', async () => {
    const { clock, parking, unit } = setUp();
    await clock.run(parking.add([unit]));
    expect(await clock.run(parking.take({ name: 's', partition: 1 }))).toBeUndefined();
    expect(await clock.run(parking.take(unit))).toBe(unit);
    expect(await clock.run(parking.take(unit))).toBeUndefined();
  });

  it('takes the end of its own last transaction, which comes late, for no record', async () => {
    const { clock, parking, log, unit } = setUp();
    await clock.run(parking.add([unit]));
    log.append(undefined, { state: 'committed' });
    expect(await clock.run(parking.take(unit))).toBe(unit);
  });

  it('does not give back what another has written to, though the end of that transaction is still to come', async () => {
    const { clock, kafka, parking, log, unit } = setUp();
    await clock.run(parking.add([unit]));
    const transaction: LogTransaction = { state: 'open' };
    log.append(record, transaction);
    const taking = parking.take(unit);
    await clock.advance(2_000);
    transaction.state = 'committed';
    log.append(undefined, transaction);
    kafka.wake();
    expect(await clock.run(taking)).toBeUndefined();
  });

  it('gives it back where what another wrote was taken back', async () => {
    const { clock, parking, log, unit } = setUp();
    await clock.run(parking.add([unit]));
    log.append(record, { state: 'aborted' });
    log.append(undefined, { state: 'aborted' });
    expect(await clock.run(parking.take(unit))).toBe(unit);
  });

  it('lets go of what does not come back, asked or not', async () => {
    const { clock, parking, unit } = setUp();
    await clock.run(parking.add([unit]));
    expect(parking.size).toBe(1);
    await clock.advance(60_001);
    parking.sweep();
    expect(parking.size).toBe(0);
    expect(await clock.run(parking.take(unit))).toBeUndefined();
  });

  it('keeps nothing whose end it cannot learn', async () => {
    const { clock, kafka, parking, unit } = setUp();
    kafka.script = (point) => (point === 'watermarks' ? 'retriable' : undefined);
    await clock.run(parking.add([unit]));
    kafka.script = () => undefined;
    expect(await clock.run(parking.take(unit))).toBeUndefined();
  });
});
