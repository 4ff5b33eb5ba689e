import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BatchConsumer, RebalanceEvent } from '../../../src/kafka/types.ts';
import { systemClock } from '../../../src/sdk/clock.ts';
import { eventually, Harness, LIMITS, readUntil } from './harness.ts';

const brokers = process.env['MILLRACE_TEST_BROKERS'] ?? '';

describe.each(['native', 'fallback'] as const)('groups, %s', (path) => {
  let at: Harness;
  let topic: string;

  beforeEach(async () => {
    at = new Harness(brokers, path, false);
    topic = await at.topic();
  });
  afterEach(() => at.close());

  const settle = (members: readonly BatchConsumer[], what: string, condition: () => boolean): Promise<void> =>
    eventually(what, async () => {
      await Promise.all(members.map((member) => member.read(LIMITS)));
      return condition();
    });

  test('a member that did not read for too long is told that its partitions are lost, and gets them anew', async () => {
    const events: RebalanceEvent[] = [];
    const member = await at.member(at.name('group'), topic, events, { sessionTimeoutMs: 6000, maxPollIntervalMs: 6000 });
    await settle([member], 'an assignment', () => member.assigned().length === 4);
    events.length = 0;
    await systemClock.sleep(7500);
    const { events: read } = await readUntil(member, () =>
      events.some(({ kind, partitions }) => kind === 'assign' && partitions.length === 4),
    );
    expect(events.find(({ kind }) => kind === 'revoke')).toMatchObject({ lost: true });
    expect(read).toContainEqual(
      expect.objectContaining({ kind: 'error', error: expect.objectContaining({ code: -147 }) as unknown }),
    );
  });

  test('partitions taken in good order are not lost', async () => {
    const groupId = at.name('group');
    const events: RebalanceEvent[] = [];
    const first = await at.member(groupId, topic, events);
    await settle([first], 'all four', () => first.assigned().length === 4);
    const second = await at.member(groupId, topic, []);
    await settle([first, second], 'two each', () => first.assigned().length === 2 && second.assigned().length === 2);
    expect(events.filter(({ kind }) => kind === 'revoke').map(({ lost, partitions }) => [lost, partitions.length])).toEqual([
      [false, 2],
    ]);
  });

  test('range gives members the same partitions of topics with equal counts', async () => {
    const other = await at.topic();
    const groupId = at.name('group');
    const members = await Promise.all(
      [0, 1].map(async () => {
        const member = await at.member(groupId, topic, [], { strategy: 'range' });
        member.subscribe([topic, other]);
        return member;
      }),
    );
    await settle(members, 'four each', () => members.every((member) => member.assigned().length === 4));
    for (const member of members) {
      const numbers = (name: string): number[] =>
        member
          .assigned()
          .filter((at) => at.topic === name)
          .map(({ partition }) => partition)
          .sort();
      expect(numbers(topic)).toEqual(numbers(other));
    }
  });

  test('a close answers what nobody has answered', async () => {
    const asked: RebalanceEvent[] = [];
    const member = await at.consumer({ groupId: at.name('group'), onRebalance: (event) => void asked.push(event) });
    member.subscribe([topic]);
    await settle([member], 'a first event', () => asked.length > 0);
    const start = performance.now();
    await member.close();
    expect(performance.now() - start).toBeLessThan(10_000);
    // Late answers are harmless.
    for (const event of asked) member.completeRebalance(event);
  });

  test('a topic that appears later is found', async () => {
    const late = at.name('late');
    const member = await at.member(at.name('group'), late, []);
    await member.read(LIMITS);
    await at.admin.createTopics([{ name: late, partitions: 2, config: {} }], 30_000);
    await settle([member], 'the new topic', () => member.assigned().length === 2);
    await member.close();
    await at.admin.deleteTopics([late], 30_000);
  });
});
