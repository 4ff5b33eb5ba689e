import { z } from 'zod';
import { duration, fieldPath, parseDuration } from '../sdk/schema.ts';

/** The keys of a test file (`*.test.yaml`): the only place where they, their defaults and docs exist. */

/** A moment as a test writes it: fixed, a time of the day on which the test begins, or so long after the beginning. */
export type Moment =
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'day'; readonly ms: number }
  | { readonly kind: 'after'; readonly ms: number };

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
const TIME_OF_DAY = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/;

/** Reads a moment; `undefined` where the text is none. */
export function parseTestMoment(text: string): Moment | undefined {
  if (ISO.test(text)) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? undefined : { kind: 'fixed', ms };
  }
  const clock = TIME_OF_DAY.exec(text);
  if (clock !== null) {
    const [hours, minutes, seconds] = [clock[1], clock[2], clock[3] ?? '0'].map(Number) as [number, number, number];
    if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
    return { kind: 'day', ms: ((hours * 60 + minutes) * 60 + seconds) * 1000 + Number((clock[4] ?? '0').padEnd(3, '0')) };
  }
  const span = /^([+-])(.+)$/.exec(text);
  const ms = span === null ? undefined : parseDuration(span[2] as string);
  return ms === undefined ? undefined : { kind: 'after', ms: span?.[1] === '-' ? -ms : ms };
}

function moment(): z.ZodType<Moment, string> {
  return z.string().transform((text, context) => {
    const read = parseTestMoment(text);
    if (read !== undefined) return read;
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(text)} is no time; write 2026-05-17T08:00:00Z, 08:00:05 (of the day of "now"), or +5s and -5s (from "now")`,
    });
    return z.NEVER;
  });
}

function instant(): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const read = parseTestMoment(text);
    if (read?.kind === 'fixed') return read.ms;
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(text)} is no time with a date and a zone; write 2026-05-17T08:00:00Z`,
    });
    return z.NEVER;
  });
}

const value = z.unknown().optional().describe('The value, written as JSON; null is a tombstone');
const text = z.string().describe('The value as a text, which need not be JSON');
const key = z.string().describe('The Kafka key');
const at = moment().describe(
  'The event time: `2026-05-17T08:00:00Z`, `08:00:05` (of the day of `now`), `+5s` or `-5s` (from `now`). It is the Kafka timestamp, and `@timestamp` where the value has none',
);
const headers = z.record(z.string(), z.string()).describe('Headers of the record');

const record = z
  .strictObject({ at: at.optional(), key: key.optional(), headers: headers.optional(), value, text: text.optional() })
  .refine((given) => given.value === undefined || given.text === undefined, 'has both "value" and "text"; give one of them')
  .refine((given) => 'value' in given || 'text' in given, 'needs "value" or "text"; a tombstone is { value: null }');

export const givenSchema = z
  .strictObject({
    source: z.string().optional().describe('A source of the pipeline: it reads what is given here to the end'),
    path: z
      .string()
      .optional()
      .describe('Which input of the source, such as the path of a file; default: one that its options name'),
    lines: z.array(z.string()).optional().describe('Lines that the source reads'),
    bytes: z
      .string()
      .optional()
      .describe('What the source reads, as it is: without a line break at its end, or with strange ones'),
    topic: z.string().optional().describe('A topic of the pipeline: records are put into it, whatever writes it otherwise'),
    records: z.array(record).min(1).optional().describe('Several records of the topic'),
    at: at.optional(),
    key: key.optional(),
    headers: headers.optional(),
    value,
    text: text.optional(),
    advance: duration().optional().describe('So far the clock moves on, with all timers, idleness and emits on the way'),
  })
  .check((context) => {
    const given = context.value;
    const kinds = (['source', 'topic', 'advance'] as const).filter((name) => given[name] !== undefined);
    if (kinds.length !== 1) {
      const said = kinds.length === 0 ? 'has none of' : 'has more than one of';
      context.issues.push({
        code: 'custom',
        input: given,
        path: [],
        message: `${said} "source", "topic" and "advance"; a step is one of them`,
      });
      return;
    }
    const [kind] = kinds;
    for (const name of Object.keys(given) as (keyof typeof given)[]) {
      const { keys, mend } = BELONGS[kind as 'source'];
      if (name === kind || given[name] === undefined || keys.includes(name)) continue;
      context.issues.push({ code: 'custom', input: given, path: [name], message: `does not belong to "${kind}"; ${mend}` });
    }
    if (given.topic !== undefined && given.records !== undefined && (given.value !== undefined || given.text !== undefined))
      context.issues.push({
        code: 'custom',
        input: given,
        path: ['records'],
        message: 'stands beside a record; write all of them in "records"',
      });
    const said = (['records', 'value', 'text', 'lines', 'bytes'] as const).some((name) => given[name] !== undefined);
    if (given.topic !== undefined && !said)
      context.issues.push({ code: 'custom', input: given, path: ['topic'], message: 'needs "value", "text" or "records"' });
    if (given.lines !== undefined && given.bytes !== undefined)
      context.issues.push({ code: 'custom', input: given, path: ['bytes'], message: 'stands beside "lines"; give one of them' });
  });

/** The keys that a kind of step has, and what is to be said where it has another one. */
const BELONGS: Readonly<Record<'source' | 'topic' | 'advance', { readonly keys: readonly string[]; readonly mend: string }>> = {
  source: { keys: ['path', 'lines', 'bytes'], mend: 'a source reads "lines" or "bytes"; records go into a "topic"' },
  topic: {
    keys: ['records', 'at', 'key', 'headers', 'value', 'text'],
    mend: 'what is put into a topic is "value", "text" or "records"; "lines" and "bytes" are read by a "source"',
  },
  advance: { keys: [], mend: 'write a step of its own for it' },
};

const expectedList = z.array(z.unknown());

export const expectationSchema = z
  .union([
    expectedList,
    z.strictObject({
      records: expectedList.optional().describe('All values, whole'),
      partial: expectedList.optional().describe('All values, of each only the fields that are to be looked at'),
      contains: expectedList
        .optional()
        .describe('Values that are among others, of each only the fields that are to be looked at'),
      keys: z
        .array(z.union([z.string(), z.null()]))
        .optional()
        .describe('The Kafka keys of all records, in their order'),
      absent: z.array(fieldPath()).optional().describe('Fields that no value has'),
      unordered: z.boolean().default(false).describe('Whether the order does not matter'),
      count: z.int().min(0).optional().describe('How many there are'),
    }),
  ])
  .describe('The values in their order, whole; or a mapping that says what to look at');

const deadLetterSchema = z.strictObject({
  component: z.string().optional().describe('The source, stream or sink'),
  step: z.string().optional().describe('The id of the step'),
  code: z.string().optional().describe("The error's code"),
  message: z.string().optional().describe('A part of the message'),
  value: z.unknown().optional().describe('Fields of the value; of one that is no JSON object, the value itself'),
});

const mocksSchema = z.strictObject({
  http: z
    .array(
      z.strictObject({
        request: z.string().describe('The method and the address: `GET http://geo.example/10.0.0.1`'),
        reply: z
          .strictObject({
            status: z.int().min(200).max(599).default(200).describe('The status of the answer'),
            json: z.unknown().optional().describe('The body, as JSON'),
            text: z.string().optional().describe('The body, as it is'),
            headers: z.record(z.string(), z.string()).optional().describe('Headers of the answer'),
          })
          .describe('What the server answers'),
      }),
    )
    .default([])
    .describe(
      'Answers to requests of steps; any other request fails the test. Answers to one request come in order, the last one stays',
    ),
  files: z
    .record(z.string(), z.string())
    .default({})
    .describe('What stands in files that steps read, by their path as the pipeline has it: a table of a `lookup`, say'),
  sinks: z
    .record(z.string(), z.array(z.unknown()))
    .default({})
    .describe(
      "How a sink's destination answers, request by request; after that it takes everything. For Elasticsearch `{ status: 503 }`, or `{ documents: [ 201, { status: 400, type: ..., reason: ... } ] }`",
    ),
});

export const testSchema = z.strictObject({
  name: z.string().min(1).describe('What is to hold, in words'),
  given: z.array(givenSchema).min(1).describe('What happens, in order'),
  mocks: mocksSchema.prefault({}).describe('What is outside of the pipeline'),
  expect: z
    .strictObject({
      topics: z.record(z.string(), expectationSchema).default({}).describe('What topics hold at the end'),
      sinks: z.record(z.string(), expectationSchema).default({}).describe('What destinations were sent'),
      dead_letters: z
        .array(deadLetterSchema)
        .default([])
        .describe('All dead letters, in any order, of each the fields that are to be looked at; any other one fails the test'),
      problems: z
        .array(z.string())
        .default([])
        .describe(
          'Parts of what is said of tasks that stop and records that get stuck; anything else of that kind fails the test',
        ),
      metrics: z
        .record(z.string(), z.number())
        .default({})
        .describe('Numbers that tasks and steps have counted: `streams.parse.dropped`, `streams.rates.window-1.late_dropped`'),
    })
    .describe('What is to be there at the end'),
});

/** The whole file, as editors see it. */
export const wholeTestFileSchema = (): z.ZodType =>
  testFileSchema.extend({ tests: z.array(testSchema).min(1).describe(testsText) });

const testsText = 'Tests: each runs on its own, over the whole pipeline';

export const testFileSchema = z.strictObject({
  pipeline: z.string().optional().describe('The pipeline file; default: the one beside this file, of the same name'),
  environment: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('Variables of the pipeline file; there are no others'),
  now: instant().prefault('2026-01-01T00:00:00Z').describe('When every test begins'),
  partitions: z
    .enum(['one', 'declared'])
    .default('one')
    .describe(
      'Whether every topic has one partition, so that order and event time are plain, or as many as the pipeline declares',
    ),
  tests: z.array(z.unknown()).min(1).describe(testsText),
});
