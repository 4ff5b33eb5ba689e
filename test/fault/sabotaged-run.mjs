// Runs a pipeline with one of Millrace's precautions taken away: `sabotaged-run.mjs <sabotage> <run's arguments>`. The tests
// of controls.test.ts show by it that their check finds what that precaution prevents. The product has no switch for this, so
// it is done from outside, on the built code.
import { setTimeout as sleep } from 'node:timers/promises';
import { kafkaFor, loggerFor } from '../../dist/src/cli/cluster.js';
import { loadPipelines, loadSettingsOf } from '../../dist/src/cli/context.js';
import { StopSignal } from '../../dist/src/cli/stop-signal.js';
import { KafkaError } from '../../dist/src/kafka/error.js';
import { Engine } from '../../dist/src/runtime/engine.js';
import { faultAt, noFaults } from '../../dist/src/runtime/fault-points.js';
import { Instance } from '../../dist/src/runtime/instance.js';
import { systemClock } from '../../dist/src/sdk/clock.js';

/** Longer than it takes another process to start, join the group and read the committed offsets. */
const SLOW_MS = 15_000;
/** A delivery that gets so far is the one before which a process dies. */
const LAST_WRITE = 3;

const die = () => process.kill(process.pid, 'SIGKILL');

/** Commits what each read returns before anything is done with it, as auto-commit does when its moment comes. */
const committingReads = (kafka) => (options) => {
  const consumer = kafka.consumer(options);
  if (options.groupId === undefined) return consumer;
  const read = consumer.read.bind(consumer);
  consumer.read = async (limits) => {
    const result = await read(limits);
    const next = new Map();
    const { batch } = result;
    for (let row = 0; row < batch.length; row += 1) {
      const [topic, partition] = [batch.topic(row), batch.partition(row)];
      next.set(`${topic}/${partition}`, { topic, partition, offset: batch.offset(row) + 1 });
    }
    if (next.size > 0) await consumer.commit([...next.values()]);
    return result;
  };
  return consumer;
};

/** Answers a revoke at once, whatever is in flight. */
const undrainedRevokes = (kafka) => (options) => {
  const consumer = kafka.consumer({
    ...options,
    onRebalance: (event) => {
      if (event.kind === 'revoke') consumer.completeRebalance(event);
      else options.onRebalance?.(event);
    },
  });
  return consumer;
};

/** A transaction that takes long between its records and its offsets. */
const slowOffsets = (kafka) => (options) => {
  const producer = kafka.producer(options);
  const sendOffsets = producer.sendOffsets.bind(producer);
  producer.sendOffsets = async (...args) => {
    process.stderr.write('slow offsets\n');
    await sleep(SLOW_MS);
    return sendOffsets(...args);
  };
  return producer;
};

/** Dies when the records are with the brokers and their transaction is open. */
const deadlyCommit = (kafka) => (options) => {
  const producer = kafka.producer(options);
  if (options.transactionalId === undefined || options.transactionalId.endsWith('.meta')) return producer;
  producer.commitTransaction = async (timeoutMs) => {
    await producer.flush(timeoutMs);
    die();
  };
  return producer;
};

const LOCAL_TIMED_OUT = -185;
const failure = (facts) =>
  new KafkaError('committing', {
    code: LOCAL_TIMED_OUT,
    message: 'made up by a test',
    retriable: false,
    fatal: false,
    requiresAbort: false,
    ...facts,
  });

/** What becomes of a commit, by how many there were before it in this client's life; all others succeed. */
const FATES = new Map([
  [2, { done: false, facts: { requiresAbort: true } }],
  [5, { done: true, facts: {} }],
  [8, { done: false, facts: {} }],
  [11, { done: true, facts: { fatal: true } }],
  [14, { done: false, facts: { fatal: true } }],
]);

/** Counts the commits of one task over the lives of its client, and lets some fail, or seem to. */
const failing =
  (counts, task, commit) =>
  async (...args) => {
    const count = counts.get(task) ?? 0;
    counts.set(task, count + 1);
    const fate = FATES.get(count);
    if (fate === undefined || fate.done) await commit(...args);
    if (fate === undefined) return;
    process.stderr.write(`made up: commit ${count} of ${task} ${fate.done ? 'done' : 'not done'}\n`);
    throw failure(fate.facts);
  };

const transactionCommits = new Map();
const failingTransactions = (kafka) => (options) => {
  const producer = kafka.producer(options);
  if (options.transactionalId === undefined || options.transactionalId.endsWith('.meta')) return producer;
  producer.commitTransaction = failing(transactionCommits, options.transactionalId, producer.commitTransaction.bind(producer));
  return producer;
};

const groupCommits = new Map();
const failingGroupCommits = (kafka) => (options) => {
  const consumer = kafka.consumer(options);
  if (options.groupId !== undefined) consumer.commit = failing(groupCommits, options.groupId, consumer.commit.bind(consumer));
  return consumer;
};

/** A new id at every try. */
const randomIds = (sink) => {
  const write = sink.write.bind(sink);
  const random = () => Array.from({ length: 20 }, () => Math.floor(Math.random() * 36).toString(36)).join('');
  sink.write = (batch, outcomes, signal) => write({ records: batch.records, id: random }, outcomes, signal);
  return sink;
};

const deadlyWrite = (sink) => {
  const write = sink.write.bind(sink);
  let left = LAST_WRITE;
  sink.write = (batch, outcomes, signal) => {
    left -= 1;
    if (left === 0) die();
    return write(batch, outcomes, signal);
  };
  return sink;
};

const SABOTAGES = {
  'auto-commit': { consumer: committingReads },
  'commit-before-delivery': { consumer: committingReads, sink: deadlyWrite },
  'random-ids': { sink: randomIds },
  'read-uncommitted': { consumer: (kafka) => (options) => kafka.consumer({ ...options, isolation: 'read_uncommitted' }) },
  'no-drain': { consumer: undrainedRevokes, producer: slowOffsets },
  // No precaution is missing in these: the moments at which one is needed.
  slow: { producer: slowOffsets },
  'die-in-transaction': { producer: deadlyCommit },
  'failing-commits': { producer: failingTransactions, consumer: failingGroupCommits },
};

const [name, ...args] = process.argv.slice(2);
const sabotage = SABOTAGES[name];
if (sabotage === undefined) throw new Error(`there is no sabotage ${name}: ${Object.keys(SABOTAGES).join(', ')}`);
const once = args.includes('--once');
const set = args.filter((_, i) => args[i - 1] === '-s');
const [file] = args;

const settings = loadSettingsOf({ set });
const log = loggerFor(settings);
const changed = ({ connector, ...node }) => ({
  ...node,
  connector: {
    ...connector,
    create: (config, context) => (sabotage.sink ?? ((sink) => sink))(connector.create(config, context)),
  },
});
const pipelines = (await loadPipelines([file])).map((pipeline) => ({ ...pipeline, sinks: pipeline.sinks.map(changed) }));
const real = kafkaFor(settings, log);
const kafka = {
  path: real.path,
  consumer: sabotage.consumer?.(real) ?? ((options) => real.consumer(options)),
  producer: sabotage.producer?.(real) ?? ((options) => real.producer(options)),
  admin: () => real.admin(),
};
const crashAt = process.env.MILLRACE_TEST_CRASH_AT;
const pass = crashAt === undefined ? noFaults : faultAt(crashAt);
const instance = Instance.acquire(settings.dataDirectory);
const engine = new Engine({ pipelines, settings, kafka, instance, once, clock: systemClock, random: Math.random, log, pass });
const stop = new StopSignal({ log });
stop.waitsFor(() => ({ hasBegun: engine.started, tasks: engine.atWork }));
const good = await engine.run(stop.signal);
instance.release();
process.exitCode = good ? 0 : 3;
