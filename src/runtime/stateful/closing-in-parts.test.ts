import { expect, it } from 'vitest';
import { Stages, statefulNode } from '../../../test/support/stages.ts';
import { pipelineOf, settingsOf, streamNode, topicNode } from '../../../test/support/tasks.ts';
import type { JsonObject } from '../../record/json.ts';
import { window } from '../../steps/window.ts';
import type { Pipeline } from '../../topology/types.ts';

const GROUPS = 200;
/** Room for some ten results. */
const ROOM = 3_000;

const at = (seconds: number): JsonObject => ({ '@timestamp': Date.UTC(2023, 11, 31) + seconds * 1_000 });

function pipelineWith(keep: string): Pipeline {
  const counting = statefulNode(window, { tumbling: '10s', by: ['$key'], compute: { count: 'count()' }, keep });
  return pipelineOf({ topics: [topicNode('in'), topicNode('out')], streams: [streamNode({ steps: [counting] })] });
}

const settings = settingsOf({ commit: { intervalMs: 100, maxRecords: 50_000, maxBytes: ROOM } });
const keys = Array.from({ length: GROUPS }, (_, n) => `k${n}`);

/** The keys of the first window's results, all of them on time, and the most that one transaction held of it. */
function results(stages: Stages): { readonly keys: unknown[]; readonly most: number } {
  const sizes = new Map<unknown, number>();
  const found = stages.values('out').filter(({ key }) => key !== 'last');
  for (const entry of stages.kafka.log({ topic: 'out', partition: 0 }).entries)
    if (entry.record !== undefined) sizes.set(entry.transaction, (sizes.get(entry.transaction) ?? 0) + 1);
  expect(new Set(found.map(({ pane }) => pane))).toEqual(new Set(['on_time']));
  return { keys: found.map(({ key }) => key), most: Math.max(...sizes.values()) };
}

it.each([
  ['in micro-batches that are not much larger than they may be', '0s', 20],
  // What is kept for late records is closed in one piece.
  ['all at once where they are kept', '1m', GROUPS],
])('closes many groups of one window %s', async (_how, keep, most) => {
  const stages = new Stages(pipelineWith(keep));
  for (const key of keys) stages.produce(at(1), { key });
  const running = await stages.start({ settings });
  await stages.clock.advance(5_000);
  stages.produce(at(20), { key: 'last' });
  stages.produce(at(21), { key: 'last' });
  await stages.clock.advanceUntil(() => stages.values('out').length >= GROUPS);
  await stages.clock.advance(5_000);
  await stages.end(running);
  const found = results(stages);
  expect(found.keys).toEqual(keys);
  expect(found.most).toBeLessThanOrEqual(most);
});

/** Ends the process in the fifth micro-batch with results; gives the stages when another has done the rest. */
async function killedInBetween(pipeline: Pipeline, last: number): Promise<Stages> {
  const stages = new Stages(pipeline);
  for (const [n, key] of keys.entries()) stages.produce(at(1 + n / 1_000), { key });
  let commits = 0;
  const first = await stages.start({
    settings,
    pass: (point) => {
      if (point !== 'after_send_offsets' || stages.values('out').length === 0) return;
      commits += 1;
      if (commits === 5) first.process.kill();
    },
  });
  await stages.clock.advance(5_000);
  stages.produce(at(last), { key: 'last' });
  await stages.clock.advanceUntil(() => commits === 5);
  expect(stages.values('out').length).toBeLessThan(GROUPS / 2);
  const second = await stages.start({ settings });
  await stages.clock.advanceUntil(() => stages.values('out').length >= GROUPS);
  await stages.clock.advance(20_000);
  await stages.end(second);
  return stages;
}

it('goes on where it stood when its process is killed in between', async () => {
  expect(results(await killedInBetween(pipelineWith('0s'), 20)).keys).toEqual(keys);
});

it.each(['0s', '1m'])('closes sessions in parts as well, each once, though its process is killed: kept for %s', async (keep) => {
  const session = statefulNode(window, { session: { gap: '10s' }, by: ['$key'], compute: { count: 'count()' }, keep });
  const pipeline = pipelineOf({ topics: [topicNode('in'), topicNode('out')], streams: [streamNode({ steps: [session] })] });
  const { keys: found, most } = results(await killedInBetween(pipeline, 40));
  expect(found).toEqual(keys);
  expect(most).toBeLessThanOrEqual(20);
});
