import { readdirSync, readFileSync } from 'node:fs';
import type { PatternEvent, PatternOptions, TimedOut } from '../property/pattern-oracle/options.ts';

/** Records of one key, a pattern, and the matches that Flink's documentation or its own tests expect of it. */
export interface PatternCase {
  readonly name: string;
  /** The repository, the file, and the test in it or the section of it. */
  readonly source: string;
  /** Where the case says something else than its source, what and why. */
  readonly note?: string;
  readonly options: PatternOptions;
  /** In the order of their times. */
  readonly events: readonly PatternEvent[];
  /** The ids of each match in the order of the records; the matches are in no order, and one may be there twice. */
  readonly matches: readonly (readonly string[])[];
  /** Where the source asserts them: a set. */
  readonly timedOut?: readonly TimedOut[];
}

interface CaseFile {
  readonly repository: string;
  readonly file: string;
  readonly cases: readonly Omit<PatternCase, 'source'>[];
}

const folder = new URL('patterns/', import.meta.url);

/**
 * Facts about the behaviour of Flink CEP (patterns, records, matches), written anew as data with their sources named, in
 * `patterns/*.json`. Where it is the same for all: ids are the names of the records, counted; `contains` and `startsWith` stand as
 * the names that they hold for, subtypes as a field `kind`, `times(0, n)` as what it is in Flink, `times(1, n).optional()`; fields
 * that no condition reads are left out. The last record's time is the watermark at the end.
 */
export const patternCases: readonly PatternCase[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const { repository, file, cases } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as CaseFile;
    const area = name.slice(0, -'.json'.length);
    return cases.map((each) => ({ ...each, name: `${area}: ${each.name}`, source: `${repository} ${file} ${each.name}` }));
  });
