import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import type { JsonObject } from '../../src/record/json.ts';
import type { FaultPoint } from '../../src/runtime/fault-points.ts';
import type { Pipeline } from '../../src/topology/types.ts';
import { registry } from '../golden/registry.ts';
import { writeByKey } from '../support/keyed-records.ts';
import { Stages } from '../support/stages.ts';
import { type AlertRow, alertsOf, type FindingInput } from '../support/transaction-alerts.ts';

const FILE = fileURLToPath(new URL('../../pipelines/transactions/alerts.yaml', import.meta.url));
const BEGIN = Date.UTC(2024, 0, 1);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Rules and their scores; one that raises no alert by itself is among them. */
const RULES: readonly (readonly [string, number])[] = [
  ['velocity', 60],
  ['impossible_travel', 80],
  ['unusual_for_card', 40],
  ['blocked_merchant', 50],
  ['weak', 25],
];
const SUBJECTS = 40;
const COUNT = 600;

/** `wait`: TX_ALERT_WAIT; absent: the default. */
function pipelineWith(wait?: string): Pipeline {
  const variables = wait === undefined ? {} : { TX_ALERT_WAIT: wait };
  const loaded = loadPipeline(FILE, registry, { variables, readFile: (path) => readFileSync(path, 'utf8') });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n'));
  const { pipeline } = loaded;
  return { ...pipeline, topics: pipeline.topics.map((topic) => (topic.external ? { ...topic, partitions: 4 } : topic)) };
}

/** The n-th of numbers between 0 and 1 that look like chance and are the same in every run. */
const chance = (n: number): number => {
  const x = Math.sin(n * 12.9898) * 43758.5453;
  return x - Math.floor(x);
};

/** Findings of a day, no two of one time; bursts of some subjects, and long times without any. */
function findingsOfADay(): FindingInput[] {
  return Array.from({ length: COUNT }, (_, i) => {
    const [name, score] = RULES[Math.floor(chance(i) * RULES.length)] as readonly [string, number];
    const subject = `card-${Math.floor(chance(i + 0.5) ** 2 * SUBJECTS)}`;
    // Every fifth is one of the same subject and a minute after the one before at most.
    const at = BEGIN + Math.floor((i / COUNT) * 24 * HOUR_MS) + (i % 5) * 7 + Math.floor(chance(i + 0.25) * MINUTE_MS);
    return {
      ...{ '@timestamp': new Date(at).toISOString(), rule: { name }, score, subject, found: { nr: i } },
      ...(name === 'weak' ? {} : { transaction: { id: `t-${i}` }, customer: { id: `customer-of-${subject}` } }),
    };
  });
}

const timeOf = (one: FindingInput): number => Date.parse(one['@timestamp']);

/** Later by up to `most` ms than those that are in order. */
const shuffled = (all: readonly FindingInput[], most: number): FindingInput[] => {
  const arrival = new Map(all.map((one, i) => [one, timeOf(one) + Math.floor(chance(i + 0.75) * most)]));
  return all.toSorted((a, b) => (arrival.get(a) as number) - (arrival.get(b) as number));
};

/** Findings in every partition that raise nothing, and let time go on. */
const trailers = (time: number): FindingInput[] =>
  Array.from({ length: 32 }, (_, i) => ({
    ...{ '@timestamp': new Date(time + i).toISOString(), rule: { name: 'end' }, score: 0, subject: `end-${i}`, found: null },
  }));

const write = (stages: Stages, all: readonly FindingInput[]): Promise<void> =>
  writeByKey(
    stages.kafka,
    'tx.findings',
    all.map((value) => ({ key: value.subject, value })),
  );

function rowOf(value: JsonObject, urgent: boolean): AlertRow {
  const { '@timestamp': at, alert, subject, risk, message, last, customer } = value as unknown as AlertRow & JsonObject;
  const { status, severity, started, last_seen, count, revision } = alert as JsonObject;
  const { found: foundNow, ...rest } = last as JsonObject;
  return {
    ...{ subject, at, status, severity, urgent, started, lastSeen: last_seen, count, revision, risk, message },
    ...{ last: { ...rest, found: foundNow }, customer },
  } as AlertRow;
}

const sorted = (rows: readonly AlertRow[]): AlertRow[] =>
  rows.toSorted((a, b) => a.subject.localeCompare(b.subject) || a.started.localeCompare(b.started) || a.revision - b.revision);

const told = (stages: Stages): AlertRow[] =>
  sorted([
    ...stages.values('tx.alerts').map((value) => rowOf(value, false)),
    ...stages.values('tx.alerts.urgent').map((value) => rowOf(value, true)),
  ]);

/** The id of each alert, by what it is of. */
function idsOf(stages: Stages): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const value of [...stages.values('tx.alerts'), ...stages.values('tx.alerts.urgent')]) {
    const { id, started } = value['alert'] as { id: string; started: string };
    const of = `${String(value['subject'])} ${started}`;
    ids.set(of, (ids.get(of) ?? new Set()).add(id));
  }
  return ids;
}

const ALL = findingsOfADay();
const EXPECTED = sorted(alertsOf(ALL));

async function ready(wait: string): Promise<Stages> {
  const stages = new Stages(pipelineWith(wait));
  await stages.clock.advance(BEGIN + 40 * HOUR_MS - stages.clock.now());
  return stages;
}

/** Everything was taken into account, and each alert has one id of its own. */
function expectAll(stages: Stages): void {
  expect(told(stages)).toEqual(EXPECTED);
  const ids = [...idsOf(stages).values()].map((each) => [...each]);
  expect(ids.every(({ length }) => length === 1)).toBe(true);
  expect(new Set(ids.flat()).size).toBe(ids.length);
  expect(stages.values('tx.findings.late')).toEqual([]);
  expect(stages.kafka.values('ns.transactions-alerts.dead')).toEqual([]);
}

describe('the alerts of findings', () => {
  it('are expected to be of every kind', () => {
    const count = (is: (row: AlertRow) => boolean): number => EXPECTED.filter(is).length;
    for (const severity of ['medium', 'high', 'critical']) expect(count((row) => row.severity === severity)).toBeGreaterThan(20);
    expect(count(({ status }) => status === 'resolved')).toBe(count(({ revision }) => revision === 1));
    expect(count(({ revision }) => revision > 2)).toBeGreaterThan(20);
    expect(count(({ risk }) => risk.rules > 2)).toBeGreaterThan(20);
  });

  it.each([
    ['in order', '0s', 0],
    ['in order, with a wait', '2s', 0],
    ['shuffled within the wait', '10m', 10 * MINUTE_MS],
  ])('are what a batch job makes of them, %s', async (_name, wait, most) => {
    const stages = await ready(wait);
    await write(stages, [...shuffled(ALL, most), ...trailers(BEGIN + 30 * HOUR_MS), ...trailers(BEGIN + 36 * HOUR_MS)]);
    const run = await stages.start();
    await stages.clock.advanceUntil(() => told(stages).length >= EXPECTED.length);
    await stages.clock.advance(3_000);
    await stages.end(run);
    expectAll(stages);
  });

  it('are raised at once by default, and count what comes behind a later finding', async () => {
    const stages = new Stages(pipelineWith());
    await stages.clock.advance(BEGIN + 40 * HOUR_MS - stages.clock.now());
    const run = await stages.start();
    await write(stages, [ALL[3] as FindingInput]);
    await stages.clock.advance(500);
    expect(told(stages)).toHaveLength(1);
    await write(stages, [
      ...shuffled(ALL.slice(4), MINUTE_MS),
      ...trailers(BEGIN + 30 * HOUR_MS),
      ...trailers(BEGIN + 36 * HOUR_MS),
    ]);
    await stages.clock.advance(10_000);
    await stages.end(run);
    const ends = told(stages).filter(({ status }) => status === 'resolved');
    const counted = ends.reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBeGreaterThanOrEqual(ALL.slice(3).filter(({ score }) => score >= 40).length);
    expect(counted).toBeLessThanOrEqual(COUNT - 3);
    expect(stages.values('tx.findings.late')).toEqual([]);
    expect(stages.kafka.values('ns.transactions-alerts.dead')).toEqual([]);
  });

  it.each<FaultPoint>(['after_produce', 'after_send_offsets', 'after_commit'])(
    'are the same, each revision once, where the process is killed at %s again and again, and shuffled',
    async (point) => {
      const stages = await ready('10m');
      const all = [...shuffled(ALL, 10 * MINUTE_MS), ...trailers(BEGIN + 30 * HOUR_MS), ...trailers(BEGIN + 36 * HOUR_MS)];
      const killed = stages.killedAt(point, 6);
      while (all.length > 0) {
        await write(stages, all.splice(0, 60));
        await killed.goOn();
        await stages.clock.advance(3_000);
      }
      await killed.goOn();
      await stages.clock.advanceUntil(() => told(stages).length >= EXPECTED.length);
      await stages.clock.advance(3_000);
      expect(killed.count).toBe(6);
      expectAll(stages);
    },
  );
});
