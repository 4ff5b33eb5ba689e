import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/record/json.ts';
import { FORMAT_NAMES } from '../../src/steps/parse/formats.ts';
import { parse } from '../../src/steps/parse.ts';
import { recordOf } from '../support/run-step.ts';

const SAMPLES: readonly string[] = [
  '10.1.2.3 - ann [17/May/2015:10:05:03 +0000] "GET /a?b HTTP/1.1" 200 5 "-" "a \\"b\\""',
  '{"a":{"b":[1,2,{"c":null}]},"message":"m","event":{"kind":"event"}}',
  'level=info msg="all \\"is\\" well" http.status=200 cached',
  '<34>Oct 11 22:14:15 mymachine su[12]: failed',
  '<165>1 2003-10-11T22:14:15.003Z host app 1 ID47 [x@1 a="b" a="c"][y] text',
];

/** Any text, and real lines with a piece of them replaced: those come further into a parser. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', ' ', '=', '<', '>', '{', '}', ':', '-', '1', 'a', '.'), maxLength: 80 }),
  fc
    .tuple(fc.constantFrom(...SAMPLES), fc.nat(120), fc.nat(8), fc.string({ maxLength: 8 }))
    .map(([line, at, cut, insert]) => line.slice(0, at) + insert + line.slice(at + cut)),
);

const PATTERNS: Readonly<Record<string, string>> = { regex: '^(?<a>\\S+) (?<b>[^]*)$', grok: '^%{NOTSPACE:a} %{GREEDYDATA:b}$' };

const steps = FORMAT_NAMES.map((format) => {
  const pattern = PATTERNS[format];
  const options = parse.options.parse(pattern === undefined ? { format } : { format, pattern });
  return { format, step: parse.create(options, { component: 'test', id: format }) };
});

const RUNS = 2000;

describe.each(steps)('parse: $format', ({ step }) => {
  it('never throws, and either rejects and leaves the record alone or keeps the text and the envelope', () => {
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
        const { event } = after;
        expect(isJsonObject(event) ? event['original'] : undefined).toBe(message);
        expect(Object.keys(after)).toEqual(expect.arrayContaining(['log', 'labels']));
      }),
      { numRuns: RUNS },
    );
  });

  it('takes no more than linear time on texts that repeat', () => {
    const longest = 200_000;
    for (const piece of ['"', '\\"', '\\', '[', '=', 'a=', 'a="', ' ', ': ', '<1>', '{"a":', 'a.', '::', '1 ', '- ']) {
      for (const head of ['', '<1>', '<1>1 - - - - - ', 'Oct 11 22:14:15 ', '1.1.1.1 - - [17/May/2015:10:05:03 +0000] "']) {
        const begin = performance.now();
        step(recordOf({ message: head + piece.repeat(longest / piece.length) }));
        expect(performance.now() - begin, `${head}${piece}...`).toBeLessThan(2000);
      }
    }
  });
});
