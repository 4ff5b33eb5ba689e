import { expect } from 'vitest';
import { clusterAddress } from '../support/cluster.ts';
import { streamTopic } from '../support/foreign-reader.ts';
import {
  batchAlerts,
  batchDeduplicated,
  batchJoin,
  batchPairs,
  batchRunning,
  batchWindows,
  type Event,
  readEvents,
} from './batch-computation.ts';
import { WAIT_MS } from './event-stream.ts';
import { expectSame, lastResults, windowResults } from './last-results.ts';

const MINUTE = 60_000;
const SIZE_MS = 30 * MINUTE;
const KEEP_MS = 15 * MINUTE;
const WITHIN_MS = 5 * MINUTE;

/** A stream of the tests with faults, and how its results are held to what a batch computation comes to. */
export interface WatchedStream {
  readonly name: string;
  readonly steps: string;
  readonly outputPartitions: number;
  /** Its tasks. */
  readonly stages: readonly string[];
  /** `namespace`: what its topics begin with. `inputs`: what is in the topics `events` and `more`. */
  compare(namespace: string, inputs: Inputs): Promise<void>;
}

export interface Inputs {
  readonly events: readonly Event[];
  readonly more: readonly Event[];
}

const window = (options: string): string => `window: { ${options}, compute: { n: count(), total: sum(amount) } }`;

export const WINDOWS: readonly WatchedStream[] = [
  {
    name: 'by_key',
    steps: window('tumbling: 30m, keep: 15m, by: [ $key ]'),
    outputPartitions: 8,
    stages: ['by_key'],
    compare: windows('by_key', { sizeMs: SIZE_MS, keepMs: KEEP_MS, groupOf: ({ key }) => key }, 'key'),
  },
  {
    name: 'by_user',
    steps: window('tumbling: 30m, keep: 15m, by: [ user ]'),
    outputPartitions: 4,
    stages: ['by_user', 'by_user.window-1'],
    compare: windows('by_user', { sizeMs: SIZE_MS, keepMs: KEEP_MS, groupOf: ({ value }) => value.user }, 'user'),
  },
  {
    name: 'all',
    steps: window('tumbling: 1m'),
    outputPartitions: 1,
    stages: ['all', 'all.window-1'],
    compare: windows('all', { sizeMs: MINUTE, keepMs: 0, groupOf: () => '' }, undefined),
  },
];

export const JOINS: readonly WatchedStream[] = [
  {
    name: 'inner',
    steps: `join: { with: NAME.more, within: 5m, on: $key, as: other }`,
    outputPartitions: 8,
    stages: ['inner'],
    compare: join('inner', false),
  },
  {
    name: 'left',
    steps: `join: { with: NAME.more, within: 5m, on: $key, type: left, as: other }`,
    outputPartitions: 8,
    stages: ['left'],
    compare: join('left', true),
  },
  {
    name: 'once',
    steps: `deduplicate: { by: [ $key ], within: 5m }`,
    outputPartitions: 8,
    stages: ['once'],
    compare: async (namespace, { events }) => {
      const expected = batchDeduplicated(events, WITHIN_MS);
      const found = await placesIn(`${namespace}.once`, ({ n }, key) => `${key} ${String(n)}`);
      say(`once: ${found.length} records through of ${events.length}`);
      expectOnce('once', found, expected);
    },
  },
];

/** Records with more than this are alarming: one in nine. */
const MUCH = 7_800;

export const RULES: readonly WatchedStream[] = [
  {
    name: 'pairs',
    steps: `pattern: { by: [ $key ], within: 5m, skip: past_last_event, sequence: [ { begin: first, where: "amount > ${MUCH}" }, { followed_by: second, where: "amount > ${MUCH}" } ], compute: { places: "[first.n, second.n]" } }`,
    outputPartitions: 8,
    stages: ['pairs'],
    compare: async (namespace, { events }) => {
      const { values, repeated } = await lastResults(`${namespace}.pairs`);
      const found = values.map(({ key, places }) => `${String(key)} ${(places as number[]).join(' ')}`);
      say(`pairs: ${found.length} of ${events.length} records, ${repeated} repeated`);
      expectOnce('pairs', found, batchPairs(events, MUCH, WITHIN_MS));
      expect(found.length).toBeGreaterThan(0);
    },
  },
  {
    name: 'running',
    steps: 'running: { by: [ $key ], compute: { seen: count(), sum: sum(amount) } }',
    outputPartitions: 8,
    stages: ['running'],
    compare: async (namespace, { events }) => {
      const found = new Map<string, string>();
      const twice: string[] = [];
      for await (const { key, value } of streamTopic(clusterAddress().brokers, `${namespace}.running`)) {
        const { n, seen, sum } = JSON.parse(String(value)) as Record<string, number>;
        const place = `${String(key)} ${String(n)}`;
        if (found.has(place)) twice.push(place);
        found.set(place, `${String(seen)} ${String(sum)}`);
      }
      say(`running: ${found.size} records through of ${events.length}`);
      expect(twice).toEqual([]);
      expectSame('running', found, batchRunning(events));
    },
  },
  {
    name: 'alerts',
    steps: `alert: { name: Much, by: [ $key ], raise_when: "amount > ${MUCH}", resolve_after: 5m }`,
    outputPartitions: 8,
    stages: ['alerts'],
    compare: async (namespace, { events }) => {
      const { values, records } = await lastResults(`${namespace}.alerts`);
      const expected = batchAlerts(events, MUCH, WITHIN_MS);
      const found = values.map(({ key, alert }) => {
        const { started, status, count } = alert as Record<string, string>;
        return { name: `${String(key)} ${Date.parse(String(started))}`, status, count: Number(count) };
      });
      const resolved = found.filter(({ status }) => status === 'resolved');
      say(`alerts: ${found.length} raised, ${resolved.length} resolved, ${records} records`);
      expectOnce(
        'alerts',
        found.map(({ name }) => name),
        new Set(expected.keys()),
      );
      expect(resolved.filter(({ name, count }) => expected.get(name) !== count)).toEqual([]);
      expect(resolved.length).toBeGreaterThan(0);
    },
  },
];

/** The pipeline file of some of them. */
export function pipelineOf(namespace: string, streams: readonly WatchedStream[]): string {
  const outputs = streams.map(({ name, outputPartitions }) => `  ${namespace}.${name}: { partitions: ${outputPartitions} }`);
  const sections = streams.map(({ name, steps }) =>
    [
      `  ${name}:`,
      `    from: ${namespace}.events`,
      '    wait: 2m',
      '    idle_timeout: 6s',
      '    steps:',
      `      - ${steps.replace('NAME', namespace)}`,
      `    to: ${namespace}.${name}`,
    ].join('\n'),
  );
  const joined = streams.some(({ steps }) => steps.includes('NAME')) ? `  ${namespace}.more: { external: true }\n` : '';
  const inputs = `  ${namespace}.events: { external: true }\n${joined}`;
  return `pipeline: watched\ntopics:\n${inputs}${outputs.join('\n')}\nstreams:\n${sections.join('\n')}\n`;
}

/** Compares the results of all streams, read by a foreign client, with the batch computation. */
export async function compareAll(namespace: string, streams: readonly WatchedStream[]): Promise<void> {
  const { brokers } = clusterAddress();
  const events = await readEvents(streamTopic(brokers, `${namespace}.events`), WAIT_MS);
  const joined = streams.some(({ steps }) => steps.includes('NAME'));
  const more = joined ? await readEvents(streamTopic(brokers, `${namespace}.more`), WAIT_MS) : [];
  for (const stream of streams) await stream.compare(namespace, { events, more });
}

function windows(
  name: string,
  rules: Parameters<typeof batchWindows>[1],
  field: 'key' | 'user' | undefined,
): WatchedStream['compare'] {
  return async (namespace, { events }) => {
    const expected = batchWindows(events, rules);
    const found = await lastResults(`${namespace}.${name}`);
    say(
      `${name}: ${found.records} records, ${found.values.length} results (${JSON.stringify(found.panes)}), ` +
        `${found.repeated} repeated with one version; ${expected.late} of ${events.length} too late`,
    );
    expectSame(name, windowResults(found.values, field), expected.results);
    expect(expected.late).toBeGreaterThan(0);
    expect(found.panes['on_time'] ?? 0).toBeGreaterThan(0);
  };
}

function join(name: string, left: boolean): WatchedStream['compare'] {
  return async (namespace, { events, more }) => {
    const expected = batchJoin(events, more, { withinMs: WITHIN_MS, left });
    const found = await placesIn(`${namespace}.${name}`, ({ n, other }, key) => {
      const met = other as { n: number } | undefined;
      return `${key} ${String(n)} / ${met === undefined ? '-' : `${key} ${met.n}`}`;
    });
    const alone = found.filter((place) => place.endsWith('-')).length;
    say(`${name}: ${found.length - alone} pairs and ${alone} that have met none, of ${events.length} and ${more.length}`);
    expectOnce(name, found, expected);
    expect(found.length - alone).toBeGreaterThan(0);
  };
}

async function placesIn(
  topic: string,
  placeOf: (value: Readonly<Record<string, unknown>>, key: string) => string,
): Promise<string[]> {
  const places: string[] = [];
  for await (const { key, value } of streamTopic(clusterAddress().brokers, topic))
    places.push(placeOf(JSON.parse(String(value)) as Record<string, unknown>, String(key)));
  return places;
}

/** That the places are those expected, each once. */
function expectOnce(what: string, found: readonly string[], expected: ReadonlySet<string>): void {
  const counts = new Map<string, string>();
  for (const place of found) counts.set(place, String(Number(counts.get(place) ?? 0) + 1));
  expectSame(what, counts, new Map([...expected].map((place) => [place, '1'])));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
