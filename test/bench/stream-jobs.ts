import { toIso } from '../../src/record/iso-time.ts';
import type { BenchPipeline } from './pipelines.ts';

/** Jobs on event time: windows, a join, a pattern, deduplication. */
export const STREAM_JOBS = ['d', 'd2', 'e', 'f', 'g', 'h'] as const;
/** With `state`, whose one window holds every record under a key of its own. */
export type StreamJob = (typeof STREAM_JOBS)[number] | 'state';

export function isStreamJob(job: string): job is (typeof STREAM_JOBS)[number] {
  return (STREAM_JOBS as readonly string[]).includes(job);
}

/** A record of a job's input. */
export interface JobRecord {
  readonly key: string;
  /** JSON. */
  readonly value: string;
}

/** The name of the stream in all of these pipelines. */
const STREAM = 'work';
const BEGIN = Date.UTC(2026, 0, 1);
/** Event time: so many records a second, so that a window of 10 s holds 100,000. */
const RECORDS_PER_SECOND = 10_000;
/** One record in so many is out of order, by at most `wait`. */
const LATE_EVERY = 10;
const WAIT_MS = 1_000;
/** Records of one session, and how far they are apart at least, in ms. */
const PER_SESSION = 20;
/** A prime, so that neighbours have different keys. */
const SCATTER = 7_919;
/** One record in so many comes twice, for the deduplication. */
const TWICE_EVERY = 5;

function timeText(n: number): string {
  const behind = n % LATE_EVERY === 0 ? (n * SCATTER) % WAIT_MS : 0;
  return toIso(Math.floor(BEGIN + (n * 1_000) / RECORDS_PER_SECOND - behind));
}

function request(n: number, user: number): JobRecord {
  const path = `/products/${(n * SCATTER) % 1_000}`;
  const value = `{"@timestamp":"${timeText(n)}","user":{"id":"user-${user}"},"url":{"path":"${path}"},"status":200,"bytes":${(n * 37) % 50_000}}`;
  return { key: `user-${user}`, value };
}

/** Users come in turn, so that each has its next record before its session ends, and give way to new ones after so many records. */
function userOfSession(n: number, keys: number): number {
  const round = Math.floor(n / (keys * PER_SESSION));
  return round * keys + (n % keys);
}

function order(n: number): JobRecord {
  const value = `{"@timestamp":"${timeText(n * 2)}","order":{"id":"order-${n}","total":${(n * 37) % 5_000}},"customer":{"id":${n % 1_000},"country":"DE"}}`;
  return { key: `order-${n}`, value };
}

function payment(n: number): JobRecord {
  const value = `{"@timestamp":"${timeText(n * 2 + 1)}","order":{"id":"order-${n}"},"method":"card","amount":${(n * 37) % 5_000}}`;
  return { key: `order-${n}`, value };
}

/** One payment in so many is tiny, and one in so many is large. */
const TINY_EVERY = 5;
const LARGE_EVERY = 11;

function cardPayment(n: number, card: number): JobRecord {
  const amount = n % LARGE_EVERY === 0 ? 600 + (n % 400) : n % TINY_EVERY === 0 ? 1 : 10 + ((n * 37) % 300);
  const value = `{"@timestamp":"${timeText(n)}","card":{"id":"card-${card}"},"merchant":{"id":"m-${(n * SCATTER) % 500}","country":"DE"},"amount":${amount}}`;
  return { key: `card-${card}`, value };
}

/** The records of a job's input topics, by number. `keys`: how many different ones there are at a time. */
export function inputsOf(job: StreamJob, keys: number): ((n: number) => JobRecord)[] {
  // From the second second on, so that none is from the day before, whose window is over by then.
  if (job === 'state') return [(n) => request(n + RECORDS_PER_SECOND, n)];
  if (job === 'f') return [order, payment];
  if (job === 'g') return [(n) => cardPayment(n, (n * SCATTER) % keys)];
  if (job === 'h') return [(n) => order(n % TWICE_EVERY === 0 ? Math.max(0, n - 1) : n)];
  if (job === 'e') return [(n) => request(n, userOfSession(n, keys))];
  return [(n) => request(n, (n * SCATTER) % keys)];
}

const COUNT_AND_SUM = '{ records: count(), bytes: sum(bytes) }';

const STEPS: Readonly<Record<StreamJob, (joined: string) => string>> = {
  d: () => `window: { tumbling: 10s, by: [ $key ], compute: ${COUNT_AND_SUM} }`,
  d2: () => `window: { tumbling: 10s, by: [ user.id ], compute: ${COUNT_AND_SUM} }`,
  state: () => `window: { tumbling: 1d, by: [ $key ], compute: ${COUNT_AND_SUM} }`,
  e: () => `window: { session: 10s, by: [ $key ], compute: ${COUNT_AND_SUM} }`,
  f: (joined) => `join: { with: ${joined}, on: { left: $key, right: $key }, within: 10s, as: payment }`,
  g: () =>
    "pattern: { by: [ $key ], within: 1m, skip: past_last_event, sequence: [ { begin: first, where: 'amount < 2' }, { followed_by: second, where: 'amount < 2' }, { followed_by: large, where: 'amount > 500 * second.amount' } ], compute: { amount: large.amount } }",
  h: () => 'deduplicate: { by: [ $key ], within: 1m }',
};

/** The pipeline of a job over its input topics. */
export function streaming(job: StreamJob, name: string, at: { from: readonly string[]; to: string }): BenchPipeline {
  const [from = '', joined = ''] = at.from.map((topic) => JSON.stringify(topic));
  const to = JSON.stringify(at.to);
  const yaml = [
    `pipeline: ${name}`,
    'topics:',
    ...[...at.from, at.to].map((topic) => `  ${JSON.stringify(topic)}: { external: true }`),
    'streams:',
    `  ${STREAM}:`,
    `    from: ${from}`,
    `    wait: ${WAIT_MS}ms`,
    `    steps: [ { ${STEPS[job](joined)} } ]`,
    `    to: ${to}`,
  ];
  return { yaml: yaml.join('\n'), component: STREAM, ...(job === 'd2' ? { last: `${STREAM}.window-1` } : {}) };
}
