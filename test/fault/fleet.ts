import { expect } from 'vitest';
import { clusterAddress, testCluster } from '../support/cluster.ts';
import { CommitWatch, topicEndOffsets } from '../support/foreign-reader.ts';
import { type MillraceProcess, startMillrace } from '../support/processes.ts';
import { freePorts, metric, slotOf } from '../support/slots.ts';
import { eventually, pause } from '../support/wait.ts';
import type { Workbench } from '../support/workbench.ts';

const PORTS = 8;
/** A fault comes up to so long (ms) after the records that it waits for. */
const LATEST_FAULT_MS = 1_500;
const LOOK_MS = 50;
const BROKER_AWAY_MS = 8_000;
const IN_SYNC_MS = 170_000;
const COMMITS_MS = 120_000;

export interface FleetOptions {
  readonly bench: Workbench;
  readonly pipeline: string;
  readonly namespace: string;
  readonly size: number;
  /** The consumer groups whose commits show that all goes on. */
  readonly groups: readonly string[];
  readonly random: () => number;
}

/** Processes of one pipeline that come, go and are killed. */
export class Fleet {
  readonly instances: MillraceProcess[] = [];
  readonly #options: FleetOptions;
  readonly #port: number;
  readonly #watch: CommitWatch;
  readonly #all: MillraceProcess[] = [];
  /** Processes that have not been seen at work yet. */
  readonly #newcomers: MillraceProcess[] = [];
  kills = 0;
  joinsAndLeaves = 0;

  private constructor(options: FleetOptions, port: number, watch: CommitWatch) {
    this.#options = options;
    this.#port = port;
    this.#watch = watch;
    for (let i = 0; i < options.size; i += 1) this.instances.push(this.#start());
  }

  static async start(options: FleetOptions): Promise<Fleet> {
    const port = await freePorts(PORTS);
    return new Fleet(options, port, await CommitWatch.start(clusterAddress().brokers, options.groups));
  }

  /** The arguments of a run of the pipeline. */
  arguments(more: readonly string[] = []): string[] {
    const { bench, pipeline, namespace } = this.#options;
    const settings = [
      `kafka.brokers=${clusterAddress().brokers}`,
      'kafka.session_timeout=6s',
      `namespace=${namespace}`,
      'host=fleet',
      `admin.port=${this.#port}`,
      'log.format=text',
      'log.level=debug',
      `data_directory=${bench.path('data')}`,
    ];
    return ['run', pipeline, ...settings.flatMap((setting) => ['-s', setting]), ...more];
  }

  #start(): MillraceProcess {
    const started = startMillrace(this.arguments(), { cwd: this.#options.bench.directory });
    this.#newcomers.push(started);
    this.#all.push(started);
    return started;
  }

  /** kill -9 of so many at once, at a moment of chance; as many are started at once. */
  async kill(count: number): Promise<void> {
    await pause(this.#options.random() * LATEST_FAULT_MS);
    const victims = this.#choose(count);
    const killed = await Promise.all(victims.map((i) => (this.instances[i] as MillraceProcess).kill()));
    for (const { signal } of killed) expect(signal).toBe('SIGKILL');
    for (const i of victims) this.instances[i] = this.#start();
    this.kills += count;
  }

  /** One leaves in good order, and another comes. */
  async replace(): Promise<void> {
    await pause(this.#options.random() * LATEST_FAULT_MS);
    const [i = 0] = this.#choose(1);
    expect((await (this.instances[i] as MillraceProcess).stop()).code).toBe(0);
    this.instances[i] = this.#start();
    this.joinsAndLeaves += 2;
  }

  /** Kills a broker; returns what brings it back. */
  async killBroker(): Promise<() => Promise<void>> {
    const number = (1 + Math.floor(this.#options.random() * 3)) as 1 | 2 | 3;
    const cluster = testCluster();
    const server = cluster.server(`kafka-${number}`);
    await server.kill();
    const killed = performance.now();
    return async () => {
      // Until its session with ZooKeeper has ended its number is taken.
      await pause(killed + BROKER_AWAY_MS - performance.now());
      await server.start();
      await server.waitHealthy();
      await cluster.waitInSync(IN_SYNC_MS);
    };
  }

  #choose(count: number): number[] {
    const left = this.instances.map((_, i) => i);
    return Array.from({ length: count }, () => left.splice(Math.floor(this.#options.random() * left.length), 1)[0] as number);
  }

  /**
   * Waits until every process that was started has taken up work, and every group has committed more since. Returns for how long the group
   * that stood still for longest did, in ms.
   */
  async advanced(after: string): Promise<number> {
    const standstill = new Standstill(this.#options.groups, this.#watch);
    const look = async (condition: () => boolean | Promise<boolean>, what: string): Promise<void> => {
      const ended = await eventually(
        async () => {
          standstill.look();
          return this.instances.find((one) => !one.running) ?? ((await condition()) && 'met');
        },
        { what: `${what} after ${after}`, timeout: COMMITS_MS, interval: LOOK_MS },
      );
      if (ended !== 'met') throw new Error(`process ${ended.pid} has ended after ${after}: ${JSON.stringify(await ended.ended)}`);
    };
    for (const one of this.#newcomers.splice(0))
      await look(async () => (await this.#commitsOf(one)) >= 1, `a commit of ${one.pid}`);
    standstill.beginAnew();
    await look(() => standstill.allMoved, `commits of ${standstill.still.join(', ')}`);
    return standstill.longest;
  }

  /** Undefined before the process has one. */
  #slotOf(pid: number): Promise<number | undefined> {
    return slotOf(pid, this.#options.bench.path('data')).catch(() => undefined);
  }

  async #commitsOf({ pid }: MillraceProcess): Promise<number> {
    const slot = await this.#slotOf(pid);
    return slot === undefined ? 0 : metric(this.#port + slot, 'millrace_commits_total');
  }

  /** Entries of the state of a stage, over all processes. */
  async entries(stage: string): Promise<number> {
    const counts = await Promise.all(
      this.instances.map(async ({ pid }) => {
        const slot = await this.#slotOf(pid);
        if (slot === undefined) return 0;
        return metric(this.#port + slot, 'millrace_state_entries', `component="${stage}"`).catch(() => 0);
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Waits until a group has committed all that is in a topic. */
  async caughtUp(group: string, topic: string, timeout: number): Promise<void> {
    const ends = await topicEndOffsets(clusterAddress().brokers, topic);
    const end = [...ends.values()].reduce((sum, offset) => sum + offset, 0);
    await eventually(() => this.#watch.sum(group) >= end, { what: `${group} to have read all of ${topic}`, timeout });
  }

  async stop(): Promise<void> {
    const ends = await Promise.all(this.instances.map((one) => one.stop(60_000)));
    expect(ends.map(({ code }) => code)).toEqual(this.instances.map(() => 0));
  }

  close(): void {
    this.#watch.stop();
  }

  /** Leaves what all processes have logged in the workbench: for `onTestFailed`. */
  async saveOutput(): Promise<void> {
    const { bench } = this.#options;
    for (const [i, { pid, stderr }] of this.#all.entries()) await bench.write(`log/${i}-${pid}.log`, stderr);
    process.stdout.write(`what the processes logged is in ${bench.path('log')}\n`);
  }
}

/** Looks at what groups commit, again and again: which have moved, and how long one has stood still. */
class Standstill {
  readonly #groups: readonly string[];
  readonly #watch: CommitWatch;
  readonly #seen = new Map<string, { sum: number; at: number }>();
  #since = new Map<string, number>();
  longest = 0;

  constructor(groups: readonly string[], watch: CommitWatch) {
    this.#groups = groups;
    this.#watch = watch;
    this.look();
    this.beginAnew();
  }

  beginAnew(): void {
    this.#since = new Map(this.#groups.map((group) => [group, this.#watch.sum(group)]));
  }

  look(): void {
    const now = performance.now();
    for (const group of this.#groups) {
      const sum = this.#watch.sum(group);
      const seen = this.#seen.get(group);
      if (seen === undefined || seen.sum !== sum) this.#seen.set(group, { sum, at: now });
      else this.longest = Math.max(this.longest, now - seen.at);
    }
  }

  get still(): string[] {
    return this.#groups.filter((group) => this.#watch.sum(group) <= (this.#since.get(group) ?? 0));
  }

  get allMoved(): boolean {
    return this.still.length === 0;
  }
}
