import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentIds } from '../../src/runtime/document-id.ts';
import { SinkTask } from '../../src/runtime/sink-task.ts';
import { FakeSink, pipelineOf, sinkNode, topicNode } from '../support/tasks.ts';
import { altered, type SinkPlant, sinkPlants } from './plants.ts';
import { difference, type Happening, happenings, PARTITIONS, World } from './world.ts';

/** Every so many records the destination rejects one. */
const REJECTS = 11;

const isRejected = (value: string): boolean => Number(/\d+/.exec(value)?.[0]) % REJECTS === 0;

/**
 * Runs a story in which the destination is slow, away, busy and silent by turns. `missing` and `extra` are of documents and
 * dead letters; `early` are records that were committed before they were delivered.
 */
async function outcomeOf(
  story: readonly Happening[],
  seed: number,
  planted: SinkPlant = {},
): Promise<Record<string, number | boolean>> {
  const sink = new FakeSink();
  let state = seed + 1;
  const chance = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
  let troubled = true;
  sink.verdict = (value) => {
    if (isRejected(value)) return 'reject';
    const dice = troubled ? chance() : 1;
    return dice < 0.03 ? 'retry' : dice < 0.06 ? 'silent' : 'deliver';
  };
  sink.whole = (values) => (values.length > 3 && troubled && chance() < 0.1 ? 'throw' : undefined);
  const node = sinkNode(() => planted.sink?.(sink) ?? sink, { concurrency: 3, batch: { records: 8, bytes: 1_000_000 } });
  const pipeline = pipelineOf({ topics: [topicNode('in', { partitions: PARTITIONS })], sinks: [node] });
  const world = new World({
    pipeline,
    group: 'ns.logs.search',
    create: (env, stats) => new SinkTask(node, env, stats),
    plant: planted.plant,
  });
  sink.before = async (signal) => {
    if (troubled && chance() < 0.5) await world.clock.sleep(chance() * 2_000, signal);
  };
  const ids = new DocumentIds();
  let early = 0;
  world.kafka.group('ns.logs.search').onCommit = (offsets) => {
    for (const { topic, partition, offset } of offsets) {
      if (topic !== 'in') continue;
      for (const record of world.kafka.log({ topic, partition }).committed()) {
        if (record.offset >= offset || isRejected(record.value?.toString() ?? '')) continue;
        if (!sink.documents.has(ids.id('inc_in', 'in', partition, record.offset))) early += 1;
      }
    }
  };
  let stuck = false;
  try {
    await world.live(story, () => {
      troubled = false;
    });
  } catch {
    stuck = true;
  }
  const input = world.kafka.values('in');
  const documents = difference(
    input.filter((value) => !isRejected(value)),
    [...sink.documents.values()],
  );
  const dead = difference(input.filter(isRejected), world.kafka.values('ns.logs.dead'));
  return { missing: documents.missing + dead.missing, extra: documents.extra + dead.extra, early, stuck };
}

const good = { missing: 0, extra: 0, early: 0, stuck: false };

describe('a sink, whatever happens to its processes, its broker and its destination', () => {
  it('stores every record once, dead-letters the rejected ones once, and commits none before it is delivered', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, fc.nat(), async (story, seed) => {
        expect(await outcomeOf(story, seed)).toEqual(good);
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 100) },
    );
  }, 280_000);
});

describe.each(Object.entries(sinkPlants))('the check, where there is %s', (_name, planted) => {
  it('finds the fault', async () => {
    const found = await fc.check(
      fc.asyncProperty(happenings, fc.nat(), async (story, seed) => {
        const outcome = await outcomeOf(story, seed, planted);
        return outcome[planted.finds] === 0;
      }),
      { numRuns: 1_000, endOnFailure: true, seed: 7 },
    );
    expect(found.failed).toBe(true);
  }, 120_000);
});

describe('a wrapper of the tests', () => {
  it('changes the calls it names, and no others', async () => {
    const sink = new FakeSink();
    const changed = altered(sink, { open: () => Promise.reject(new Error('changed')) });
    await expect(changed.open()).rejects.toThrow('changed');
    await changed.close();
    expect(sink.closed).toBe(1);
  });
});
