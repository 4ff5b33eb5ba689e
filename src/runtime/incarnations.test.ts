import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { FakeProcess } from '../../test/support/fake-process.ts';
import type { Kafka } from '../kafka/types.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Incarnations } from './incarnations.ts';

const spec = { name: 'events', partitions: 2, config: {} };

function setUp(topicIds: boolean) {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock, { topicIds });
  kafka.createTopic('meta');
  const open = (by: Kafka = kafka): Incarnations =>
    new Incarnations({ kafka: by, admin: kafka.admin(), metaTopic: 'meta', lockId: 'meta' });
  return { clock, kafka, open };
}

describe.each([true, false])('Incarnations, where the client knows topic ids: %s', (topicIds) => {
  it('creates topics and gives each a token that stays', async () => {
    const { clock, kafka, open } = setUp(topicIds);
    const first = open();
    await clock.run(first.ensure([spec], ['events']));
    const token = first.of('events');
    expect(token).toMatch(/^[\w-]{12}$/);
    expect(kafka.logs.get('events')).toHaveLength(2);
    const second = open();
    await clock.run(second.ensure([spec], ['events']));
    expect(second.of('events')).toBe(token);
    expect(() => second.of('other')).toThrow('no incarnation');
  });

  it('gives a topic that was deleted and is created again another token', async () => {
    const { clock, kafka, open } = setUp(topicIds);
    const first = open();
    await clock.run(first.ensure([spec], ['events']));
    kafka.deleteTopic('events');
    const second = open();
    await clock.run(second.ensure([spec], ['events']));
    expect(second.of('events')).not.toBe(first.of('events'));
  });

  it('gives it another token also when a crash comes between its creation and its entry', async () => {
    const { clock, kafka, open } = setUp(topicIds);
    const first = open();
    await clock.run(first.ensure([spec], ['events']));
    kafka.deleteTopic('events');
    kafka.script = (point) =>
      point === 'commitTransaction' && kafka.logs.has('events') ? new Promise(() => undefined) : undefined;
    const process = new FakeProcess(kafka);
    void open(process).ensure([spec], ['events']);
    await clock.advance(10_000);
    expect(kafka.logs.has('events')).toBe(true);
    process.kill();
    kafka.script = () => undefined;
    const second = open();
    await clock.run(second.ensure([spec], ['events']));
    expect(second.of('events')).not.toBe(first.of('events'));
  });

  it('gives all processes that start together the same token', async () => {
    for (const slow of ['init', 'begin', 'write', 'commitTransaction', 'read'] as const) {
      const { clock, kafka, open } = setUp(topicIds);
      let turn = 0;
      kafka.script = async (point) => {
        turn += 1;
        if (point === slow) await clock.sleep((turn * 7) % 5);
        return undefined;
      };
      const all = Array.from({ length: 4 }, () => open());
      await clock.run(Promise.all(all.map((one) => one.ensure([spec], ['events']))));
      expect(new Set(all.map((one) => one.of('events'))).size, slow).toBe(1);
    }
  });

  it('renews a token when asked to', async () => {
    const { clock, open } = setUp(topicIds);
    const one = open();
    await clock.run(one.ensure([spec], ['events']));
    const before = one.of('events');
    await clock.run(one.renew(['events']));
    expect(one.of('events')).not.toBe(before);
    const other = open();
    await clock.run(other.ensure([spec], ['events']));
    expect(other.of('events')).toBe(one.of('events'));
  });

  it('passes a failure on that is no lost race, with no producer left open', async () => {
    const { clock, kafka, open } = setUp(topicIds);
    kafka.script = (point) => (point === 'init' ? 'undone' : undefined);
    await expect(clock.run(open().ensure([spec], ['events']))).rejects.toThrow('not done');
    kafka.script = (point) => (point === 'connect' ? 'undone' : undefined);
    await expect(clock.run(open().ensure([spec], ['events']))).rejects.toThrow('not done');
    expect([...kafka.producers].every(({ closed }) => closed)).toBe(true);
  });
});

it('gives a topic that somebody else made anew another token, where the client knows topic ids', async () => {
  const { clock, kafka, open } = setUp(true);
  const first = open();
  await clock.run(first.ensure([spec], ['events']));
  kafka.deleteTopic('events');
  kafka.createTopic('events', 2);
  const second = open();
  await clock.run(second.ensure([spec], ['events']));
  expect(second.of('events')).not.toBe(first.of('events'));
});
