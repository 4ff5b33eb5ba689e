import fc from 'fast-check';
import { Supervisor } from '../../src/runtime/supervisor.ts';
import type { Task, TaskEnvironment } from '../../src/runtime/task.ts';
import { ComponentStats } from '../../src/telemetry/stats.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import type { Pipeline } from '../../src/topology/types.ts';
import type { FakeFault, FakePoint } from '../support/fake-faults.ts';
import { FakeKafka } from '../support/fake-kafka.ts';
import { FakeProcess, type Plant } from '../support/fake-process.ts';
import { environmentOf, RecordingLog } from '../support/tasks.ts';

export const PARTITIONS = 3;
const SLOTS = 3;
/** In which everything must be done once nothing goes wrong any more. */
const SETTLE_MS = 300_000;

/** Something that happens, `after` so many ms. */
export interface Happening {
  readonly after: number;
  readonly what:
    | { readonly kind: 'produce'; readonly partition: number; readonly count: number; readonly end: 'commit' | 'abort' | 'plain' }
    | { readonly kind: 'start' | 'stop' | 'kill' | 'expel'; readonly slot: number }
    | { readonly kind: 'rotate' }
    | { readonly kind: 'fail'; readonly point: FakePoint; readonly fault: FakeFault }
    | { readonly kind: 'slow'; readonly point: FakePoint; readonly ms: number }
    | { readonly kind: 'reads'; readonly records: number };
}

const POINTS = [
  'read',
  'seek',
  'committed',
  'init',
  'begin',
  'write',
  'sendOffsets',
  'commitTransaction',
  'abortTransaction',
  'commit',
] as const;

const slot = fc.nat(SLOTS - 1);
const what: fc.Arbitrary<Happening['what']> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('produce' as const),
      partition: fc.nat(PARTITIONS - 1),
      count: fc.integer({ min: 1, max: 40 }),
      end: fc.constantFrom('commit', 'commit', 'plain', 'abort'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('start' as const, 'stop' as const, 'kill' as const, 'expel' as const), slot }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'rotate' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      point: fc.constantFrom(...POINTS.slice(3)),
      fault: fc.constantFrom<FakeFault>('abortable', 'fatal', 'done', 'undone'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('slow' as const),
      point: fc.constantFrom(...POINTS, 'commitTransaction' as const),
      ms: fc.integer({ min: 1, max: 3_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reads' as const), records: fc.integer({ min: 1, max: 60 }) }) },
);

/** What happens to three processes, and to the broker, over some seconds or minutes. */
export const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({ after: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 2_000 })), what }),
  { minLength: 5, maxLength: 40 },
);

type CreateTask = (env: TaskEnvironment, stats: ComponentStats) => Task;

export interface WorldOptions {
  readonly pipeline: Pipeline;
  /** The group whose committed offsets tell how far the work has come. */
  readonly group: string;
  readonly create: CreateTask;
  /** What else each process runs, with the group of each. */
  readonly beside?: readonly { readonly group: string; readonly create: CreateTask }[];
  readonly plant?: Plant | undefined;
  /** Makes topics that the environment of a task does not make. */
  readonly createTopics?: (kafka: FakeKafka) => void;
  /** The record of a number, in the order in which they are produced; absent: `{"n":number}` without a key. */
  readonly recordOf?: (number: number, partition: number) => { readonly key: string; readonly value: string };
  /** Brings the work to its end, once all of the input has been committed. */
  readonly finish?: (world: World) => Promise<void>;
}

/** Three processes that run one task over the fake Kafka, and what happens to them. */
export class World {
  readonly clock = new VirtualClock();
  readonly kafka = new FakeKafka(this.clock);
  readonly log = new RecordingLog();
  readonly #options: WorldOptions;
  readonly #faults: { point: FakePoint; fault: FakeFault }[] = [];
  readonly #delays: { point: FakePoint; ms: number }[] = [];
  readonly #running = new Map<number, { process: FakeProcess; stop: AbortController; ended: Promise<void> }>();
  #produced = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.kafka.script = async (point) => {
      const delay = take(this.#delays, point);
      if (delay !== undefined) await this.clock.sleep(delay.ms);
      return take(this.#faults, point)?.fault;
    };
    options.createTopics?.(this.kafka);
    environmentOf(this.kafka, this.clock, { pipeline: options.pipeline });
  }

  /** Lets all of it happen, then lets two processes work in peace until every record has been committed. */
  async live(story: readonly Happening[], onPeace: () => void = () => undefined): Promise<void> {
    this.#start(0);
    for (const { after, what: event } of story) {
      await this.clock.advance(after);
      this.#happen(event);
    }
    onPeace();
    this.#faults.length = 0;
    this.#delays.length = 0;
    this.kafka.readRecords = Number.POSITIVE_INFINITY;
    await this.clock.advance(20_000);
    this.#start(0);
    this.#start(1);
    await this.clock.advanceUntil(() => this.#done(), SETTLE_MS);
    await this.#options.finish?.(this);
    // What comes too much may come late.
    await this.clock.advance(2_000);
    for (const { stop } of this.#running.values()) stop.abort(new Error('the end'));
    await this.clock.run(Promise.all([...this.#running.values()].map(({ ended }) => ended)), SETTLE_MS);
  }

  #happen(event: Happening['what']): void {
    switch (event.kind) {
      case 'produce':
        this.#produce(event);
        break;
      case 'start':
        this.#start(event.slot);
        break;
      case 'stop':
        this.#running.get(event.slot)?.stop.abort(new Error('stopped'));
        break;
      case 'kill':
        this.#running.get(event.slot)?.process.kill();
        this.#running.delete(event.slot);
        break;
      case 'expel':
        this.#running.get(event.slot)?.process.expel();
        break;
      case 'rotate':
        for (const { group } of this.#parts()) this.kafka.group(group).rotate();
        break;
      case 'fail':
        this.#faults.push(event);
        break;
      case 'slow':
        this.#delays.push(event);
        break;
      case 'reads':
        this.kafka.readRecords = event.records;
        break;
    }
  }

  #produce({ partition, count, end }: { partition: number; count: number; end: 'commit' | 'abort' | 'plain' }): void {
    const log = this.kafka.log({ topic: 'in', partition });
    const from = log.high;
    for (let i = 0; i < count; i += 1) {
      const number = this.#produced + i;
      const record = this.#options.recordOf?.(number, partition);
      this.kafka.produce({ topic: 'in', partition }, [record?.value ?? `{"n":${number}}`], record && { key: record.key });
    }
    this.#produced += count;
    if (end === 'plain') return;
    const transaction = { state: end === 'commit' ? ('committed' as const) : ('aborted' as const) };
    log.entries.splice(from, count, ...log.entries.slice(from).map((entry) => ({ ...entry, transaction })));
    log.append(undefined, transaction);
    this.kafka.wake();
  }

  #start(slotNumber: number): void {
    if (this.#running.has(slotNumber)) return;
    const { pipeline, plant } = this.#options;
    const process = new FakeProcess(this.kafka, plant);
    const env: TaskEnvironment = {
      ...environmentOf(this.kafka, this.clock, { pipeline, log: this.log, place: { instance: 'i', slot: slotNumber } }),
      kafka: process,
    };
    const node = pipeline.streams[0] ?? pipeline.sinks[0];
    const supervisors = this.#parts().map(({ create }) => {
      const stats = new ComponentStats({ pipeline: pipeline.name, component: node?.name ?? '', kind: node?.kind ?? 'stream' });
      const { clock, log } = this;
      return new Supervisor({ stats, create: () => create(env, stats), once: false, clock, random: () => 0.5, log });
    });
    const stop = new AbortController();
    const ended = Promise.all(supervisors.map((supervisor) => supervisor.run(stop.signal))).then(() => {
      if (this.#running.get(slotNumber)?.process === process) this.#running.delete(slotNumber);
    });
    this.#running.set(slotNumber, { process, stop, ended });
  }

  #parts(): readonly { readonly group: string; readonly create: CreateTask }[] {
    return [this.#options, ...(this.#options.beside ?? [])];
  }

  /** Whether the group has committed everything that stands in the input. */
  #done(): boolean {
    const { committed } = this.kafka.group(this.#options.group);
    return Array.from({ length: PARTITIONS }, (_, partition) => partition).every((partition) => {
      const records = this.kafka.log({ topic: 'in', partition }).committed();
      const last = records.at(-1)?.offset ?? -1;
      return last < (committed.get(`in/${partition}`) ?? 0);
    });
  }
}

function take<T extends { point: FakePoint }>(from: T[], point: FakePoint): T | undefined {
  const at = from.findIndex((one) => one.point === point);
  return at < 0 ? undefined : from.splice(at, 1)[0];
}

/** What is wrong with `got`, of which each of `wanted` should be once. */
export function difference(wanted: readonly string[], got: readonly string[]): { missing: number; extra: number } {
  const counts = new Map<string, number>();
  for (const value of got) counts.set(value, (counts.get(value) ?? 0) + 1);
  let missing = 0;
  for (const value of wanted) {
    const count = counts.get(value) ?? 0;
    if (count === 0) missing += 1;
    else counts.set(value, count - 1);
  }
  return { missing, extra: [...counts.values()].reduce((sum, count) => sum + count, 0) };
}
