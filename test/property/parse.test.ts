import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/record/json.ts';
import { FORMAT_NAMES } from '../../src/steps/parse/formats.ts';
import { parse } from '../../src/steps/parse.ts';
import { recordOf, stepContext } from '../support/run-step.ts';
import { HEADS, PIECES, SAMPLES, textsNaming } from './parse-samples.ts';

/** Any text, and real lines with a piece of them replaced: those come further into a parser. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', ' ', '=', '<', '>', '{', '}', ':', '-', '1', 'a', '.'), maxLength: 80 }),
  fc
    .tuple(fc.constantFrom(...SAMPLES), fc.nat(200), fc.nat(8), fc.string({ maxLength: 8 }))
    .map(([line, at, cut, insert]) => line.slice(0, at) + insert + line.slice(at + cut)),
);

const OPTIONS: Readonly<Record<string, object>> = {
  grok: { pattern: '^%{NOTSPACE:a} %{GREEDYDATA:b}$' },
  regex: { pattern: '^(?<a>\\S+) (?<b>[^]*)$' },
  'csv with columns': { format: 'csv', columns: ['a', 'b.c', '', 'd'], types: { d: 'float' } },
  'key_value with separators': { format: 'key_value', pair_separator: ',', value_separator: ':', trim: '[]', prefix: 'kv.' },
  'all in turn': { format: FORMAT_NAMES.filter((name) => !['regex', 'grok', 'duration', 'bytes'].includes(name)) },
};

const steps = [...new Set([...FORMAT_NAMES, ...Object.keys(OPTIONS)])].map((format) => {
  const options = parse.options.parse({ format, ...OPTIONS[format] });
  return { format, step: parse.create(options, stepContext(format)) };
});

/** `npm run fuzz` gives each format this long, in seconds, in place of a number of runs. */
const FUZZ_SECONDS = Number(process.env['MILLRACE_FUZZ_SECONDS'] ?? 0);
const RUNS =
  FUZZ_SECONDS > 0
    ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: FUZZ_SECONDS * 1000, markInterruptAsFailure: false }
    : { numRuns: 2000 };
const TIMEOUT_MS = 60_000 + FUZZ_SECONDS * 2000;
const LONGEST = 200_000;

/** Whether the value is what JSON can hold: plain objects with fields of their own, no NaN and no Infinity. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object' || value === null) return ['string', 'boolean', 'object', 'undefined'].includes(typeof value);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
}

describe.each(steps)('parse: $format', ({ step }) => {
  it(
    'never throws, and either rejects and leaves the record alone or keeps the text and the envelope',
    () => {
      fc.assert(
        fc.property(text, (message) => {
          const envelope = { message, log: { file: { path: '/x' } }, labels: { a: '1' } };
          const record = recordOf(structuredClone(envelope), Date.UTC(2024, 1, 1));
          const outcome = step(record);
          const after = JSON.parse(JSON.stringify(record.value)) as JsonObject;
          if (outcome !== undefined) {
            expect(outcome.kind).toBe('rejected');
            expect(after).toEqual(JSON.parse(JSON.stringify(envelope)));
            return;
          }
          expect(isJson(record.value)).toBe(true);
          const { event } = after;
          expect(isJsonObject(event) ? event['original'] : undefined).toBe(message);
          expect(Object.keys(after)).toEqual(expect.arrayContaining(['log', 'labels']));
        }),
        RUNS,
      );
    },
    TIMEOUT_MS,
  );

  it('takes no more than linear time on texts that repeat', () => {
    for (const piece of PIECES) {
      for (const head of HEADS) {
        const begin = performance.now();
        step(recordOf({ message: head + piece.repeat(LONGEST / piece.length) }));
        expect(performance.now() - begin, `${head}${piece}...`).toBeLessThan(2000);
      }
    }
  });

  it('never reaches a prototype', () => {
    for (const name of [
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      '__proto__.polluted',
      'constructor.prototype.polluted',
    ]) {
      for (const message of textsNaming(name)) {
        const record = recordOf({ message });
        step(record);
        expect(Object.getPrototypeOf(record.value)).toBe(Object.prototype);
      }
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.hasOwn(Object, 'polluted')).toBe(false);
    expect(String({})).toBe('[object Object]');
  });
});
