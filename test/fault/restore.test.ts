import { afterEach, expect, it, onTestFailed } from 'vitest';
import type { BatchProducer } from '../../src/kafka/types.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { clusterAddress, describeOnCluster, uniqueName } from '../support/cluster.ts';
import { CommitWatch } from '../support/foreign-reader.ts';
import { killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { deleteTopicsOf } from '../support/shipment.ts';
import { createTopic, kafkaOfTests, type WrittenRecord, writeRecords } from '../support/topics.ts';
import { eventually, pause } from '../support/wait.ts';
import { Workbench } from '../support/workbench.ts';
import { FULL } from './full.ts';
import { lastResults } from './last-results.ts';

const KEYS = FULL ? 1_000_000 : 50_000;
const PARTITIONS = 4;
/** How long another's transaction is left open while nothing may be read. */
const OPEN_MS = 4_000;
const OPEN_AT_MOST_MS = 300_000;
const RESTORE_MS = 180_000;
const READ_ALL_MS = 300_000;

const pipeline = (name: string): string => `pipeline: counts
topics:
  ${name}.events: { external: true }
  ${name}.results: { partitions: ${PARTITIONS} }
streams:
  count:
    from: ${name}.events
    steps:
      - window: { tumbling: 30d, by: [ $key ], compute: { n: count(), total: sum(amount) } }
    to: ${name}.results
`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

describeOnCluster(`${KEYS.toLocaleString('en')} keys of state`, () => {
  afterEach(killAllProcesses);

  it('are restored after a stop, a kill in the middle of it, and with a transaction of another open on the changelog', async () => {
    const run = await Recovery.create();
    onTestFailed(() => showOutput(run.processes));
    await run.write(KEYS);
    run.start();
    await run.readAll('the first reading');
    await run.stop();

    await run.write(PARTITIONS);
    const whole = await run.timeToRead();
    say(
      `${KEYS} keys: ${seconds(whole.total)} s from the start of the process to the first record, ${whole.restore} s of it restore`,
    );
    await run.kill();

    await run.killWithinRestore((whole.restore * 1_000) / 2);
    await run.write(PARTITIONS);
    const again = await run.timeToRead();
    say(`killed at half of the restore: ${seconds(again.total)} s from the next start, a dead member's session included`);

    const open = await run.openTransaction();
    await run.write(KEYS);
    await run.readAll('the second reading');
    await run.stop();
    await run.write(PARTITIONS);
    const before = run.committed;
    const held = run.start();
    await held.waitForOutput(/partitions assigned/);
    await pause(whole.restore * 1_000 + OPEN_MS);
    expect(held.stderr).not.toContain('state restored');
    expect(run.committed).toBe(before);
    await open.abortTransaction(OPEN_AT_MOST_MS);
    await open.close();
    await run.readAll('the end of the other transaction');
    await run.stop();
    await run.expectExact();
    await run.dispose();
  }, 1_200_000);
});

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

/** A pipeline that counts by key, its processes, and what it must have counted. */
class Recovery {
  readonly processes: MillraceProcess[] = [];
  readonly #name: string;
  readonly #bench: Workbench;
  readonly #watch: CommitWatch;
  readonly #today = new Date(systemClock.now()).toISOString();
  readonly #counts = new Uint32Array(KEYS);
  #written = 0;

  private constructor(name: string, bench: Workbench, watch: CommitWatch) {
    this.#name = name;
    this.#bench = bench;
    this.#watch = watch;
  }

  static async create(): Promise<Recovery> {
    const name = uniqueName('restore');
    const settings = [
      `kafka.brokers=${clusterAddress().brokers}`,
      `namespace=${name}`,
      'kafka.session_timeout=6s',
      'log.level=debug',
    ];
    const bench = await Workbench.create(settings);
    await bench.write('pipeline.yaml', pipeline(name));
    await createTopic(`${name}.events`, PARTITIONS);
    return new Recovery(name, bench, await CommitWatch.start(clusterAddress().brokers, [`${name}.counts.count`]));
  }

  get committed(): number {
    return this.#watch.sum(`${this.#name}.counts.count`);
  }

  /** One record of each of the first so many keys. */
  async write(keys: number): Promise<void> {
    await writeRecords(`${this.#name}.events`, this.#records(keys));
    this.#written += keys;
  }

  *#records(keys: number): Generator<WrittenRecord> {
    for (let key = 0; key < keys; key += 1) {
      this.#counts[key] = (this.#counts[key] as number) + 1;
      yield { partition: key % PARTITIONS, key: `k${key}`, value: `{"@timestamp":"${this.#today}","amount":${key}}` };
    }
  }

  start(): MillraceProcess {
    const started = this.#bench.run(['pipeline.yaml']);
    this.processes.push(started);
    return started;
  }

  get #last(): MillraceProcess {
    return this.processes.at(-1) as MillraceProcess;
  }

  async stop(): Promise<void> {
    expect((await this.#last.stop(60_000)).code).toBe(0);
  }

  async kill(): Promise<void> {
    await this.#last.kill();
  }

  /** Kills a process so long (ms) after it has begun to restore; sooner, where it is through by then. */
  async killWithinRestore(after: number): Promise<void> {
    const started = this.start();
    await started.waitForOutput(/partitions assigned/);
    await pause(after);
    await this.kill();
    if (started.stderr.includes('state restored')) await this.killWithinRestore(after / 2);
  }

  async readAll(what: string): Promise<void> {
    await eventually(() => this.committed >= this.#written, { what, timeout: READ_ALL_MS, interval: 50 });
  }

  /** Starts a process; how long in ms until it has committed something, and how long in s its restore took. */
  async timeToRead(): Promise<{ total: number; restore: number }> {
    const before = this.committed;
    const began = performance.now();
    const started = this.start();
    await eventually(() => this.committed > before, { what: 'a commit after the restore', timeout: RESTORE_MS, interval: 20 });
    const total = performance.now() - began;
    await this.readAll('the rest');
    const took = [...started.stderr.matchAll(/state restored.*seconds=([\d.]+)/g)].map(([, text]) => Number(text));
    expect(took).toHaveLength(PARTITIONS);
    return { total, restore: Math.max(...took) };
  }

  /** A transaction of another producer's on all partitions of the changelog, with a record that is no step's. */
  async openTransaction(): Promise<BatchProducer> {
    const producer = kafkaOfTests().producer({ transactionalId: `${this.#name}.another`, transactionTimeoutMs: OPEN_AT_MOST_MS });
    await producer.connect();
    await producer.initTransactions(OPEN_AT_MOST_MS);
    await producer.beginTransaction();
    const batch = new BatchBuilder([`${this.#name}.counts.count.changelog`]);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      batch.begin(0, partition, -1);
      batch.key('another:["x"]');
      batch.value('{}');
    }
    await producer.write(batch.batch());
    await producer.flush(OPEN_AT_MOST_MS);
    return producer;
  }

  /** What is open, emitted at the end of a bounded run, counts every record once. */
  async expectExact(): Promise<void> {
    const once = this.#bench.run(['--once', 'pipeline.yaml']);
    this.processes.push(once);
    expect((await once.ended).code, once.stderr.slice(-2_000)).toBe(0);
    const { values } = await lastResults(`${this.#name}.results`);
    const wrong = values.filter(({ key, n, total }) => {
      const number = Number(String(key).slice(1));
      return n !== this.#counts[number] || total !== number * (this.#counts[number] as number);
    });
    expect({ results: values.length, wrong: wrong.slice(0, 5) }).toEqual({ results: KEYS, wrong: [] });
  }

  async dispose(): Promise<void> {
    this.#watch.stop();
    await deleteTopicsOf(`${this.#name}.`);
    await this.#bench.dispose();
  }
}
