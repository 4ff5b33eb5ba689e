import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamTask } from '../../src/runtime/stream-task.ts';
import type { Plant } from '../support/fake-process.ts';
import { pipelineOf, stepNode, streamNode, topicNode } from '../support/tasks.ts';
import { streamPlants } from './plants.ts';
import { difference, type Happening, happenings, PARTITIONS, World } from './world.ts';

const node = streamNode({
  steps: [
    stepNode(
      (record) => {
        record.value['seen'] = true;
        return undefined;
      },
      { changesValue: true },
    ),
  ],
});
const pipeline = pipelineOf({
  topics: [topicNode('in', { partitions: PARTITIONS }), topicNode('out', { partitions: PARTITIONS })],
  streams: [node],
});

/** Runs a story, and tells what the output lacks, or has too often. */
async function outcomeOf(
  story: readonly Happening[],
  plant?: Plant,
): Promise<{ missing: number; extra: number; stuck: boolean }> {
  const world = new World({ pipeline, group: 'ns.logs.parse', create: (env, stats) => new StreamTask(node, env, stats), plant });
  let stuck = false;
  try {
    await world.live(story);
  } catch {
    stuck = true;
  }
  const marked = (value: string): string => value.replace('}', ',"seen":true}');
  return { ...difference(world.kafka.values('in').map(marked), world.kafka.values('out')), stuck };
}

const good = { missing: 0, extra: 0, stuck: false };

describe('a stream, whatever happens to its processes and its broker', () => {
  it('writes every committed record of its input exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, async (story) => {
        expect(await outcomeOf(story)).toEqual(good);
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 150) },
    );
  }, 120_000);
});

/** Nothing goes wrong. */
const quiet: readonly Happening[] = Array.from({ length: PARTITIONS }, (_, partition) => [
  { after: 700, what: { kind: 'produce', partition, count: 20, end: 'commit' } as const },
  { after: 300, what: { kind: 'produce', partition, count: 5, end: 'plain' } as const },
]).flat();

describe.each(Object.entries(streamPlants))('the check, where there is %s', (_name, { plant, finds, always, endless }) => {
  it('finds the fault, and nothing where nothing happens that it matters to', async () => {
    if (always !== true) expect(await outcomeOf(quiet, plant)).toEqual(good);
    const found = await fc.check(
      fc.asyncProperty(happenings, async (story) => {
        const outcome = await outcomeOf(story, plant);
        return outcome[finds] === 0 || (outcome.stuck && endless !== true);
      }),
      { numRuns: 2_000, endOnFailure: true, seed: 7 },
    );
    expect(found.failed).toBe(true);
  }, 120_000);
});
