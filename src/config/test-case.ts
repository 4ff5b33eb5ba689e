import type { JsonValue } from '../record/json.ts';
import type { Span } from './source-text.ts';

/** What a test puts into the pipeline, in order. Times are in ms since 1970. */
export type GivenStep = { readonly line: number } & (
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'source'; readonly source: string; readonly path?: string; readonly text?: string }
  | { readonly kind: 'topic'; readonly topic: string; readonly records: readonly GivenRecord[] }
);

export interface GivenRecord {
  readonly time?: number;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly value?: JsonValue;
  readonly text?: string;
}

/** What a topic or a destination is to hold, and where in the file that stands. */
export interface Expectation {
  readonly name: string;
  readonly line: number;
  readonly values?: readonly ExpectedValue[];
  /** `whole`: all values and all of each; `partial`: all values; `contains`: among others. */
  readonly compared: 'whole' | 'partial' | 'contains';
  readonly unordered: boolean;
  readonly keys?: readonly (string | null)[];
  readonly absent: readonly (readonly string[])[];
  readonly count?: number;
}

export interface ExpectedValue {
  readonly value: JsonValue;
  readonly line: number;
}

export interface ExpectedLetter {
  readonly line: number;
  readonly component?: string;
  readonly step?: string;
  readonly code?: string;
  readonly message?: string;
  readonly value?: JsonValue;
}

/** One test, checked: plain data with the lines that its parts stand on. */
export interface TestCase {
  readonly name: string;
  readonly line: number;
  readonly given: readonly GivenStep[];
  readonly http: readonly {
    readonly request: string;
    readonly status: number;
    readonly json?: JsonValue;
    readonly text?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }[];
  readonly replies: Readonly<Record<string, readonly JsonValue[]>>;
  /** What files hold that steps read, by their path: absolute, or as the pipeline has it. */
  readonly files: Readonly<Record<string, string>>;
  readonly topics: readonly Expectation[];
  readonly sinks: readonly Expectation[];
  readonly deadLetters: readonly ExpectedLetter[];
  /** Parts of what is said of tasks that are not well. */
  readonly problems: readonly { readonly text: string; readonly line: number }[];
  readonly metrics: readonly { readonly name: string; readonly value: number; readonly line: number }[];
}

/** Where a test names a part of the pipeline. */
export interface Mention {
  readonly kind: 'source' | 'topic' | 'sink';
  readonly name: string;
  readonly at: Span;
}

/** What a test file is about. */
export interface TestSubject {
  /** Absolute. */
  readonly pipeline: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly mentions: readonly Mention[];
}

/** A test file, checked. */
export interface TestFile extends TestSubject {
  readonly file: string;
  /** In ms since 1970. */
  readonly now: number;
  readonly partitions: 'one' | 'declared';
  readonly tests: readonly TestCase[];
}
