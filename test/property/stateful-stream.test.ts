import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerText } from '../../src/record/headers.ts';
import { StreamTask } from '../../src/runtime/stream-task.ts';
import { window } from '../../src/steps/window.ts';
import { Names } from '../../src/topology/names.ts';
import type { Settings } from '../../src/topology/settings.ts';
import type { Pipeline } from '../../src/topology/types.ts';
import type { Plant } from '../support/fake-process.ts';
import { createStageTopics, stagesIn, statefulNode } from '../support/stages.ts';
import { pipelineOf, streamNode, topicNode } from '../support/tasks.ts';
import { altered } from './plants.ts';
import { type Happening, happenings, PARTITIONS, World } from './world.ts';

/** Before the clock of the tests begins, so that no record is ahead of it. */
const BEGIN = Date.UTC(2023, 11, 31);
const SIZE = 10_000;
const WAIT = 2_000;
/** Later than all records, so that it closes every window. */
const END = BEGIN + 3_600_000;

interface Case {
  readonly by: readonly string[];
  readonly keep: number;
  readonly emit: 'close' | 'update';
  readonly spread: (number: number, partition: number) => string;
  /** The bytes that a micro-batch has room for, where windows are to be closed in several. */
  readonly room?: number;
}

/** Some records are out of order by more than `wait`. */
const timeOf = (number: number): number => BEGIN + number * 300 + ((number * 7_919) % 7) * 700;

const cases: Readonly<Record<string, Case>> = {
  'by the Kafka key': { by: ['$key'], keep: 0, emit: 'close', spread: (n, partition) => `p${partition}-${n % 3}` },
  'behind a repartition': { by: ['k'], keep: 0, emit: 'close', spread: (n) => `g${n % 4}` },
  'by the Kafka key, closed in parts': {
    by: ['$key'],
    keep: 0,
    emit: 'close',
    spread: (n, partition) => `p${partition}-${n % 7}`,
    room: 500,
  },
  'by the Kafka key, kept, closed in parts': {
    by: ['$key'],
    keep: 3_000,
    emit: 'close',
    spread: (n, partition) => `p${partition}-${n % 3}`,
    room: 500,
  },
  'behind a repartition, closed in parts': { by: ['k'], keep: 0, emit: 'close', spread: (n) => `g${n % 7}`, room: 500 },
  'behind a repartition, with revisions': { by: ['k'], keep: 3_000, emit: 'update', spread: (n) => `g${n % 4}` },
  'by the Kafka key, with revisions': {
    by: ['$key'],
    keep: 3_000,
    emit: 'update',
    spread: (n, partition) => `p${partition}-${n % 3}`,
  },
};

function pipelineFor({ by, keep, emit }: Case): Pipeline {
  const step = statefulNode(window, {
    tumbling: '10s',
    by,
    compute: { count: 'count()', sum: 'sum(n)' },
    keep: `${keep}ms`,
    emit,
  });
  const time = { waitMs: WAIT, maxAheadMs: 3_600_000, idleTimeoutMs: 1e9, whenIdle: 'hold' as const };
  return pipelineOf({
    topics: [topicNode('in', { partitions: PARTITIONS }), topicNode('out', { partitions: PARTITIONS })],
    streams: [streamNode({ steps: [step], time })],
  });
}

function withRoom(settings: Settings, maxBytes: number): Settings {
  return { ...settings, commit: { ...settings.commit, maxBytes } };
}

interface Input {
  readonly time: number;
  readonly k: string;
  readonly n: number;
}

/** What windows hold by the definition: every record that was not late for its window by its own partition. */
function computed(world: World, keep: number): Map<string, string> {
  const sums = new Map<string, { count: number; sum: number }>();
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    let latest = Number.NEGATIVE_INFINITY;
    for (const record of world.kafka.log({ topic: 'in', partition }).committed()) {
      const value = JSON.parse(String(record.value)) as { '@timestamp': number; k: string; n: number };
      const input: Input = { time: value['@timestamp'], k: value.k, n: value.n };
      const start = Math.floor(input.time / SIZE) * SIZE;
      const watermark = latest - WAIT - 1;
      latest = Math.max(latest, input.time);
      if (start + SIZE - 1 + keep <= watermark || input.time >= END) continue;
      const group = `${input.k}@${new Date(start).toISOString()}`;
      const entry = sums.get(group) ?? { count: 0, sum: 0 };
      sums.set(group, { count: entry.count + 1, sum: entry.sum + input.n });
    }
  }
  return new Map([...sums].map(([group, { count, sum }]) => [group, `${count} ${sum}`]));
}

interface Found {
  readonly last: Map<string, string>;
  /** Results that stand there more than once, or with two contents. */
  readonly doubled: string[];
}

/** What a reader of the output who reads committed has in the end: the last revision of each id. */
function found(world: World): Found {
  const versions = new Map<string, { version: number; text: string }>();
  const seen = new Set<string>();
  const doubled: string[] = [];
  for (const { value, headers } of world.kafka.committed('out')) {
    const id = headerText(headers, 'millrace.id') ?? '?';
    const version = Number(headerText(headers, 'millrace.version'));
    if (seen.has(`${id}/${version}`)) doubled.push(`${id}/${version}`);
    seen.add(`${id}/${version}`);
    if (version > (versions.get(id)?.version ?? -1)) versions.set(id, { version, text: String(value) });
  }
  const last = [...versions.values()].map(({ text }) => {
    const result = JSON.parse(text) as { k?: string; key?: string; window: { start: string }; count: number; sum: number };
    return [`${result.k ?? result.key}@${result.window.start}`, `${result.count} ${result.sum}`] as const;
  });
  return { last: new Map(last.filter(([group]) => group.slice(group.indexOf('@') + 1) < new Date(END).toISOString())), doubled };
}

interface Outcome {
  readonly wrong: string[];
  readonly doubled: string[];
  readonly stuck: string;
}

async function outcomeOf(given: Case, story: readonly Happening[], plant?: Plant): Promise<Outcome> {
  const pipeline = pipelineFor(given);
  const names = new Names('ns');
  const [first, ...rest] = stagesIn(pipeline).map((stage) => ({
    group: names.group(pipeline.name, stage.name),
    create: (env: ConstructorParameters<typeof StreamTask>[1], stats: ConstructorParameters<typeof StreamTask>[2]) =>
      new StreamTask(stage, given.room === undefined ? env : { ...env, settings: withRoom(env.settings, given.room) }, stats),
  }));
  const world = new World({
    pipeline,
    ...(first as NonNullable<typeof first>),
    beside: rest,
    plant,
    createTopics: (kafka) => createStageTopics(kafka, pipeline),
    recordOf: (n, partition) => {
      const k = given.spread(n, partition);
      return { key: k, value: JSON.stringify({ '@timestamp': timeOf(n), k, n }) };
    },
    finish: async ({ kafka, clock }) => {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const k = `end-${partition}`;
        kafka.produce({ topic: 'in', partition }, [JSON.stringify({ '@timestamp': END, k, n: 0 })], { key: k });
      }
      await clock.advance(10_000);
    },
  });
  let stuck = '';
  try {
    await world.live(story);
  } catch (error) {
    stuck = String(error);
  }
  const wanted = computed(world, given.keep);
  const { last, doubled } = found(world);
  const wrong = [...new Set([...wanted.keys(), ...last.keys()])]
    .filter((group) => wanted.get(group) !== last.get(group))
    .map((group) => `${group}: ${last.get(group) ?? 'nothing'}, not ${wanted.get(group) ?? 'nothing'}`);
  return { wrong, doubled, stuck };
}

const good: Outcome = { wrong: [], doubled: [], stuck: '' };
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 40);

describe.each(Object.entries(cases))('windows %s, whatever happens to processes and the broker', (_name, given) => {
  it('are what a naive computation finds, each revision once', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, async (story) => {
        expect(await outcomeOf(given, story)).toEqual(good);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});

/** Mistakes that the check has to find. */
const plants: Readonly<Record<string, Plant>> = {
  'a state restored only in part': {
    consumer: (one) => {
      let left = 1;
      return altered(one, {
        read: async (limits) => {
          const read = await one.read(limits);
          const topic = read.batch.length > 0 ? read.batch.topic(0) : '';
          if (!topic.endsWith('.changelog') || left === 0) return read;
          left -= 1;
          return { ...read, batch: read.batch.constructor === Object ? read.batch : emptied(read.batch) };
        },
      });
    },
  },
};

function emptied<T extends { readonly length: number }>(batch: T): T {
  return new Proxy(batch, { get: (target, name) => (name === 'length' ? 0 : Reflect.get(target, name, target)) });
}

describe.each(Object.entries(plants))('the check, where there is %s', (_name, plant) => {
  it('finds the fault', async () => {
    const result = await fc.check(
      fc.asyncProperty(happenings, async (story) => {
        const { wrong, doubled } = await outcomeOf(cases['by the Kafka key'] as Case, story, plant);
        return wrong.length === 0 && doubled.length === 0;
      }),
      { numRuns: 200, endOnFailure: true, seed: 7 },
    );
    expect(result.failed).toBe(true);
  }, 120_000);
});
