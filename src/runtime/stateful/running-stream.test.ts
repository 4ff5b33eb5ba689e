import { describe, expect, it } from 'vitest';
import { type RunningStages, Stages, statefulNode } from '../../../test/support/stages.ts';
import { pipelineOf, streamNode, topicNode } from '../../../test/support/tasks.ts';
import { running } from '../../steps/running.ts';
import type { Pipeline } from '../../topology/types.ts';
import type { FaultPoint } from '../fault-points.ts';

const BEGIN = Date.UTC(2024, 0, 1);
const WAIT_S = 5;
const CARDS = ['a', 'b', 'c', 'd', 'e'];
const PAYMENTS = 60;

/** Payments of several cards, each some seconds out of order, and in other partitions than those of their cards. */
const payments = Array.from({ length: PAYMENTS }, (_, i) => ({
  at: i - ((i * 7) % WAIT_S),
  card: CARDS[(i * 3) % CARDS.length] as string,
  amount: i + 1,
}));

function pipeline(): Pipeline {
  const step = statefulNode(running, {
    by: ['card.id'],
    compute: { n: 'count()', spent: 'sum(amount)', usual: 'avg(amount)' },
    expires: '90d',
  });
  const time = { waitMs: WAIT_S * 1000, maxAheadMs: 1e12, idleTimeoutMs: 1e9, whenIdle: 'hold' as const };
  return pipelineOf({
    topics: ['in', 'out'].map((name) => topicNode(name, { partitions: 2 })),
    streams: [streamNode({ steps: [step], time })],
  });
}

/** What becomes of each card's payments, in the order of their time. */
function expected(): Record<string, unknown[]> {
  return Object.fromEntries(
    CARDS.map((card) => {
      let spent = 0;
      const own = payments.filter((payment) => payment.card === card).sort((a, b) => a.at - b.at);
      return [
        card,
        own.map(({ at, amount }, i) => {
          spent += amount;
          return { '@timestamp': BEGIN + at * 1000, amount, n: i + 1, spent, usual: spent / (i + 1) };
        }),
      ];
    }),
  );
}

function made(stages: Stages): Record<string, unknown[]> {
  const values = stages.values('out').filter(({ card }) => (card as { id: string }).id !== 'end');
  return Object.fromEntries(
    CARDS.map((id) => [id, values.filter(({ card }) => (card as { id: string }).id === id).map(({ card: _, ...rest }) => rest)]),
  );
}

function produce(stages: Stages, some: typeof payments): void {
  for (const [i, { at, card, amount }] of some.entries())
    stages.produce({ '@timestamp': BEGIN + at * 1000, card: { id: card }, amount }, { key: `k${i}`, partition: i % 2 });
}

describe('running aggregates by a field, over a repartition', () => {
  it.each<FaultPoint | undefined>([undefined, 'after_produce', 'after_send_offsets', 'after_commit'])(
    'are those of the sorted records, each once, with a kill at %s',
    async (point) => {
      const stages = new Stages(pipeline());
      let fatal = false;
      let killed = false;
      const first: RunningStages = await stages.start({
        pass: (passed) => {
          if (!fatal || killed || passed !== point) return;
          killed = true;
          first.process.kill();
        },
      });
      produce(stages, payments.slice(0, PAYMENTS / 2));
      await stages.clock.advanceUntil(() => stages.values('out').length > 0);
      fatal = true;
      produce(stages, payments.slice(PAYMENTS / 2));
      // Both partitions come to a time that lets all records have their turn.
      for (const partition of [0, 1])
        stages.produce({ '@timestamp': BEGIN + 3_600_000, card: { id: 'end' }, amount: 0 }, { partition });
      let last = first;
      if (point !== undefined) {
        await stages.clock.advanceUntil(() => killed);
        last = await stages.start();
      }
      await stages.clock.advanceUntil(() => stages.values('out').length >= PAYMENTS);
      expect(made(stages)).toEqual(expected());
      await stages.end(last);
    },
  );
});
