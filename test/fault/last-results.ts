import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { clusterAddress } from '../support/cluster.ts';
import { type ForeignRecord, streamTopic } from '../support/foreign-reader.ts';

/** What stands in a topic of results: of each id the record of the highest version. */
export interface LastResults {
  readonly values: readonly JsonObject[];
  readonly records: number;
  /** Results that are there more than once with one version, in the same bytes. */
  readonly repeated: number;
  readonly tombstones: number;
  readonly panes: Readonly<Record<string, number>>;
}

/** Reads a topic of results committed. Two records with one id and one version must be equal. */
export async function lastResults(topic: string): Promise<LastResults> {
  const standing = new Map<string, { version: number; value: JsonObject | null; content: string }>();
  const seen = new Map<string, string>();
  const panes: Record<string, number> = {};
  let records = 0;
  let repeated = 0;
  const contradictions: string[] = [];
  for await (const record of streamTopic(clusterAddress().brokers, topic)) {
    records += 1;
    const id = header(record, 'millrace.id');
    const version = Number(header(record, 'millrace.version') ?? 0);
    if (id === undefined) throw new Error(`a result in ${topic} has no id`);
    const content = createHash('sha1')
      .update(record.key ?? '-')
      .update(record.value ?? '-')
      .digest('base64');
    const before = seen.get(`${id} ${version}`);
    if (before !== undefined) {
      if (content === before) repeated += 1;
      else contradictions.push(`${id} ${version} in partition ${record.partition} at ${record.offset}`);
    }
    seen.set(`${id} ${version}`, content);
    const value = record.value === null ? null : (JSON.parse(String(record.value)) as JsonObject);
    const pane = String(value?.['pane'] ?? 'none');
    panes[pane] = (panes[pane] ?? 0) + 1;
    if (version >= (standing.get(id)?.version ?? 0)) standing.set(id, { version, value, content });
  }
  const first = contradictions.slice(0, 10);
  expect({ topic, contradictions: contradictions.length, first }).toEqual({ topic, contradictions: 0, first: [] });
  const values = [...standing.values()].map(({ value }) => value);
  return {
    values: values.filter((value) => value !== null),
    records,
    repeated,
    tombstones: values.filter((value) => value === null).length,
    panes,
  };
}

/** Results of windows as the batch computation has them: `group start` -> `count sum`. */
export function windowResults(values: readonly JsonObject[], group: string | undefined): Map<string, string> {
  return new Map(
    values.map((value) => {
      const { start } = value['window'] as { start: string };
      const name = group === undefined ? '' : String(value[group]);
      return [`${name} ${Date.parse(start)}`, `${String(value['n'])} ${String(value['total'])}`];
    }),
  );
}

/** That two maps are equal, said with the first differences only: they have hundreds of thousands of entries. */
export function expectSame(what: string, found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): void {
  const wrong: string[] = [];
  for (const [name, value] of expected) {
    if (found.get(name) !== value) wrong.push(`${name}: ${found.get(name) ?? 'missing'} in place of ${value}`);
  }
  for (const [name, value] of found) if (!expected.has(name)) wrong.push(`${name}: ${value}, which is nothing's`);
  expect({ what, wrong: wrong.length, first: wrong.slice(0, 10) }).toEqual({ what, wrong: 0, first: [] });
  expect(found.size).toBe(expected.size);
}

function header({ headers }: ForeignRecord, name: string): string | undefined {
  const value = headers.find(([each]) => each === name)?.[1];
  return value === undefined || value === null ? undefined : String(value);
}
