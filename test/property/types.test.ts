import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/record/json.ts';
import { isAsync } from '../../src/sdk/async-step.ts';
import { type FieldType, type ObjectType, type RecordType, readNotation } from '../../src/sdk/types/index.ts';
import { FORMAT_NAMES } from '../../src/steps/parse/formats.ts';
import type { StepNode } from '../../src/topology/types.ts';
import { environment } from '../golden/golden.ts';
import { registry } from '../golden/registry.ts';
import { misfitOfValue } from '../support/conforms.ts';
import { recordOf, stepContext } from '../support/run-step.ts';
import { HEADS, PIECES, SAMPLES } from './parse-samples.ts';

/** `npm run fuzz` takes longer. */
const RUNS = Number(process.env['MILLRACE_FUZZ_SECONDS'] ?? 0) > 0 ? 20_000 : 300;

/** Types as a topic declares them. */
const scalar = fc.constantFrom('string', 'number', 'boolean', 'null', 'any', "'a' | 'b'", 'string | number', 'string | null');
const name = fc.constantFrom('a', 'b', 'c', 'd', 'message', '@timestamp');
const { schema } = fc.letrec<{ schema: unknown; fields: Record<string, unknown> }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: scalar, weight: 4 },
    { arbitrary: tie('schema').map((item) => [item]), weight: 1 },
    { arbitrary: tie('fields'), weight: 3 },
  ),
  fields: fc.array(fc.tuple(name, fc.boolean(), tie('schema')), { maxLength: 5 }).chain((entries) =>
    fc.boolean().map((open) => {
      const seen = new Map(entries.map(([key, optional, type]) => [key, [optional, type] as const]));
      const fields = [...seen].map(([key, [optional, type]]) => [optional ? `${key}?` : key, type]);
      return Object.fromEntries(open ? [...fields, ['...', 'any']] : fields) as Record<string, unknown>;
    }),
  ),
}));
const record = fc
  .array(fc.tuple(name, fc.boolean(), schema), { minLength: 1, maxLength: 6 })
  .map((entries) =>
    Object.fromEntries(
      new Map(entries.map(([key, optional, type]) => [key, [optional ? `${key}?` : key, type] as const])).values(),
    ),
  );

const anyJson = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<JsonValue>(0, 1, -2.5, '', 'a', '12', 'x,y', true, false, null),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
})).value;

/** A value of a type, of its kinds in turn. */
function valueLike(type: RecordType): fc.Arbitrary<JsonValue> {
  const { string, number, boolean, null: isNull, list, object } = type;
  if (list === type) return anyJson;
  const kinds: fc.Arbitrary<JsonValue>[] = [];
  if (string !== undefined) kinds.push(fc.constantFrom(...(string.values ?? ['', 'a', '7', '5MB', 'true', 'k=v', 'x y', '1.5'])));
  if (number === true) kinds.push(fc.constantFrom(0, 1, -3, 2.5, 1e12));
  if (boolean === true) kinds.push(fc.boolean());
  if (isNull === true) kinds.push(fc.constant(null));
  if (list !== undefined) kinds.push(fc.array(valueLike(list), { maxLength: 3 }));
  if (object !== undefined) kinds.push(objectLike(object));
  return fc.oneof(...kinds);
}

function objectLike({ fields, rest }: ObjectType): fc.Arbitrary<JsonObject> {
  const known = fc.record(Object.fromEntries([...fields].map(([key, field]) => [key, fieldLike(field)])));
  const others: fc.Arbitrary<JsonObject> =
    rest === undefined ? fc.constant({}) : fc.dictionary(fc.constantFrom('a', 'b', 'c', 'x'), valueLike(rest));
  return fc.tuple(known, others).map(([a, b]) => JSON.parse(JSON.stringify({ ...b, ...a })) as JsonObject);
}

function fieldLike({ type, always }: FieldType): fc.Arbitrary<JsonValue | undefined> {
  return always ? valueLike(type) : fc.option(valueLike(type), { nil: undefined });
}

const path = fc.array(name, { minLength: 1, maxLength: 2 }).map((names) => names.map((each) => each.replace('@', '')).join('.'));
const field = path;
const read = path.map((text) => `$value.${text}`);
/** Conditions that say something of what the fields are, and what people make of them. */
const written = fc.constantFrom("'a'", "'b'", "''", "'7'", '0', '1', 'true', 'false', 'null');
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(read, fc.constantFrom('===', '!=='), written).map((parts) => parts.join(' ')),
    fc.tuple(read, fc.constantFrom('===', '!==', '<', '>=', 'in'), read).map((parts) => parts.join(' ')),
    fc
      .tuple(
        read,
        fc.constantFrom('< 1', '>= 0', "> 'a'", "in ['a', 'b', 1]", "in ['a', null]", '+ 1 > 1', '* 2 >= 0', "+ 'x' === 'ax'"),
      )
      .map((parts) => parts.join(' ')),
    fc
      .tuple(
        read,
        fc.constantFrom('===', '!=='),
        fc.constantFrom('string', 'number', 'boolean', 'null', 'array', 'object', 'missing'),
      )
      .map(([at, is, kind]) => `type_of(${at}) ${is} '${kind}'`),
    fc
      .tuple(
        fc.constantFrom(
          'exists',
          'is_null',
          '!',
          "'a' === lower",
          '0 <= -',
          "contains('abc', '') && ",
          '1 === length',
          'true === ',
        ),
        read,
      )
      .map(([asks, at]) => `${asks}(${at})`),
    fc.tuple(fc.constantFrom('contains', 'starts_with'), read).map(([asks, at]) => `${asks}(${at}, 'a')`),
    fc.tuple(read, written, written).map(([at, unless, is]) => `(${at} ?? ${unless}) === ${is}`),
    fc.tuple(read, read, written).map(([a, b, is]) => `coalesce(${a}, ${b}) !== ${is}`),
    read,
    tie('condition').map((inner) => `!(${inner})`),
    fc
      .tuple(tie('condition'), fc.constantFrom('&&', '||', '??', '===', '!=='), tie('condition'))
      .map(([a, is, b]) => `(${a}) ${is} (${b})`),
    fc.tuple(tie('condition'), tie('condition'), tie('condition')).map(([test, a, b]) => `(${test}) ? (${a}) : (${b})`),
  ),
}));
const expression = fc.oneof(
  read,
  condition,
  fc.tuple(condition, read, read).map(([test, a, b]) => `(${test}) ? ${a} : ${b}`),
  fc.tuple(condition, read, fc.constantFrom('&&', '||')).map(([test, a, is]) => `(${test}) ${is} ${a}`),
  fc.tuple(read, read).map(([a, b]) => `${a} || ${b}`),
  read.map((at) => `string(${at})`),
  fc.tuple(read, read).map(([a, b]) => `${a} ?? ${b}`),
  fc.tuple(read, read, read).map(([a, b, c]) => `exists(${a}) ? ${b} : ${c}`),
  fc.tuple(read, read).map(([a, b]) => `[${a}, ${b}, 1]`),
  fc.tuple(read, read).map(([a, b]) => `{ x: ${a}, y: ${b} }`),
  fc.tuple(read, read).map(([a, b]) => `coalesce(${a}, ${b}, 'none')`),
  fc.tuple(read, read).map(([a, b]) => `${a} && ${b}`),
  fc.tuple(read, read).map(([a, b]) => `string(${a}) + string(${b})`),
  fc.constantFrom("'literal'", '5', 'true', 'null', '$value', "split('a b', ' ')", '$time', "int('4')"),
);

const step: fc.Arbitrary<object> = fc.oneof(
  fc.tuple(field, expression).map(([to, text]) => ({ map: `$value.${to} = ${text}` })),
  fc.tuple(field, field).map(([a, b]) => ({ map: `delete $value.${a}\n$value.${b} = exists($value.${a})` })),
  fc.tuple(field, expression).map(([to, text]) => ({ set: { [to]: `{{ ${text} }}`, z: [`{{ ${text} }}`, 1] } })),
  fc.tuple(field, expression).map(([to, text]) => ({ set: { [to]: `a {{ ${text} }}` } })),
  fc.tuple(expression).map(([text]) => ({ filter: `exists(${text}) === true` })),
  condition.map((text) => ({ filter: text })),
  fc.tuple(condition, condition).map(([a, b]) => ({
    route: [
      { when: a, to: 'routed' },
      { when: b, to: 'rest' },
    ],
  })),
  field.map((at) => ({ remove: at })),
  fc.tuple(field, field).map(([a, b]) => ({ rename: { [a]: b } })),
  fc.array(fc.oneof(field, fc.constantFrom('a.*', '*b*')), { minLength: 1, maxLength: 3 }).map((paths) => ({ keep: paths })),
  fc
    .tuple(
      field,
      fc.constantFrom('integer', 'float', 'boolean', 'string', 'bytes', 'duration_ms'),
      fc.constantFrom('reject', 'keep', 'set_null', 'remove'),
    )
    .map(([at, type, failed]) => ({ convert: { fields: { [at]: type }, on_failure: failed } })),
  fc.oneof(
    field.map((at) => ({ flatten: { field: at, separator: '_' } })),
    fc.constant({ flatten: { separator: '_', depth: 1 } }),
  ),
  fc
    .tuple(
      field,
      fc.boolean(),
      fc.constantFrom('keep', 'drop'),
      fc.constantFrom('reject', 'skip'),
      fc.option(field, { nil: undefined }),
    )
    .map(([at, merge, empty, missing, into]) => ({
      split: {
        field: at,
        separator: ',',
        on_empty: empty,
        on_missing: missing,
        ...(merge ? { merge } : into === undefined ? {} : { into }),
      },
    })),
  field.map((at) => ({ redact: { own: { letter: 'a' }, fields: [at] } })),
  fc.constant({ redact: { own: { letter: 'a' } } }),
  fc
    .tuple(field, fc.constantFrom('reject', 'skip'))
    .map(([at, missing]) => ({ timestamp: { field: at, formats: ['unix', 'iso8601'], on_missing: missing } })),
  fc
    .tuple(
      field,
      fc.constantFrom('logfmt', 'json', 'key_value', 'bytes', 'query_string', 'csv'),
      fc.option(field, { nil: undefined }),
      fc.boolean(),
      fc.constantFrom('reject', 'skip'),
    )
    .map(([at, format, into, keep, missing]) => ({
      parse: { format, field: at, keep_original: keep, on_missing: missing, ...(into === undefined ? {} : { into }) },
    })),
);

/** A step, now and then for some of the records only. */
const steps = fc.array(
  fc
    .tuple(step, fc.option(condition, { nil: undefined, freq: 4 }))
    .map(([one, when]) => (when === undefined ? one : { ...one, when })),
  { minLength: 1, maxLength: 5 },
);

/** Records of which little is ruled out, so that few conditions on them make no sense. */
const manyKinds = fc
  .dictionary(
    fc.constantFrom('a', 'b', 'c?', 'd?'),
    fc.oneof(
      fc.constantFrom(
        'any',
        'string | number | boolean | null',
        "'a' | 'b' | '' | null | number",
        'string | null | object | list',
      ),
      fc.constant({ 'a?': 'string | number | null', b: 'any' }),
    ),
    { minKeys: 2 },
  )
  .chain((fields) => fc.constantFrom<unknown>(fields, { ...fields, '...': 'any' }, { '...': 'any' }));

/** Steps that only ask, and set fields to what is made of the answers. */
const conditions = fc.array(
  fc.oneof(
    condition.map((text): object => ({ filter: text })),
    fc.tuple(condition, condition).map(([a, b]) => ({
      route: [
        { when: a, to: 'routed' },
        { when: b, to: 'rest' },
      ],
    })),
    fc.tuple(field, expression, condition).map(([to, text, when]) => ({ map: `$value.${to} = ${text}`, when })),
  ),
  { minLength: 1, maxLength: 3 },
);

function load(text: string): ReturnType<typeof loadPipeline> {
  return loadPipeline('p.yaml', registry, { ...environment, readFile: () => text });
}

function pipelineOf(declared: unknown, list: readonly object[]): string {
  return JSON.stringify({
    pipeline: 'p',
    topics: {
      in: { external: true, schema: declared },
      out: {},
      ...(list.some((each) => 'route' in each) ? { routed: {}, rest: {} } : {}),
    },
    streams: { s: { from: 'in', steps: list, to: 'out' } },
  });
}

/** The values that a step makes of one, none where it drops or rejects it, and where it sends it. */
function through({ definition, options, when }: StepNode, value: JsonObject): { values: JsonObject[]; topic?: string } {
  if (isAsync(definition)) throw new Error(`${definition.kind} waits`);
  const at = recordOf(structuredClone(value), Date.UTC(2024, 4, 1));
  if (when !== undefined && when.evaluate(at) !== true) return { values: [value] };
  const outcome = definition.create(options, stepContext(definition.kind))(at);
  if (outcome?.kind === 'routed') return { values: [at.value], topic: outcome.topic };
  const values = outcome === undefined ? [at.value] : outcome.kind === 'split' ? outcome.values : [];
  return { values: values.map((each) => JSON.parse(JSON.stringify(each)) as JsonObject) };
}

/** Runs random steps on values of what was declared: each value must be what is said of it. Returns how many pipelines loaded. */
function expectToHold(declared: fc.Arbitrary<unknown>, lists: fc.Arbitrary<readonly object[]>): number {
  let loads = 0;
  fc.assert(
    fc.property(
      declared.chain((given) =>
        fc.tuple(fc.constant(given), lists, fc.array(valueLike(readNotation(given).type), { minLength: 3, maxLength: 3 })),
      ),
      ([given, list, values]) => {
        const loaded = load(pipelineOf(given, list));
        if (!loaded.ok) return;
        loads += 1;
        const known = loaded.types.nodes.get('s');
        let here = values.filter(isJsonObject);
        for (const node of loaded.pipeline.streams[0]?.steps ?? []) {
          const behind = known?.steps.get(node.id) as RecordType;
          here = here.flatMap((value) => {
            const { values, topic } = through(node, value);
            const type = topic === undefined ? behind : (loaded.types.topics.get(topic) as RecordType);
            for (const each of values) expect(misfitOfValue(each, type), JSON.stringify(each)).toBeUndefined();
            return topic === undefined ? values : [];
          });
        }
      },
    ),
    { numRuns: RUNS },
  );
  return loads;
}

describe('what is known of records', () => {
  // Most of what is thrown together makes no sense and is refused: enough must be left.
  it('holds for every value, behind every step of a pipeline that loads', () => {
    expect(expectToHold(record, steps)).toBeGreaterThan(RUNS / 20);
  });

  it('holds behind conditions', () => {
    expect(expectToHold(manyKinds, conditions)).toBeGreaterThan(RUNS / 4);
  });
});

const OPTIONS: Readonly<Record<string, object>> = {
  grok: { pattern: ['%{SYSLOGLINE}', '%{COMBINEDAPACHELOG}', '^%{NOTSPACE:a} %{INT:b.c:int} %{GREEDYDATA:b.d}$'] },
  regex: { pattern: '^(?<a>\\S+) (?<b>x)?(?<c>[^]*)$', fields: { a: 'f.a' } },
  csv: { columns: ['a', 'b.c', '', 'd'], types: { d: 'float' } },
};

const line = fc.oneof(
  fc.constantFrom(...SAMPLES),
  fc
    .tuple(fc.constantFrom(...HEADS), fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }))
    .map(([head, pieces]) => head + pieces.join('')),
  fc
    .tuple(fc.constantFrom(...SAMPLES), fc.nat(200), fc.nat(8), fc.string({ maxLength: 8 }))
    .map(([text, at, cut, insert]) => text.slice(0, at) + insert + text.slice(at + cut)),
);

describe.each(FORMAT_NAMES)('parse: %s', (format) => {
  it('yields what it says', () => {
    const loaded = load(
      pipelineOf({ message: 'string', 'log.file.path': 'string', 'event?': { 'original?': 'string' } }, [
        { parse: { format, ...OPTIONS[format] } },
      ]),
    );
    if (!loaded.ok) throw new Error(loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n'));
    const node = loaded.pipeline.streams[0]?.steps[0] as StepNode;
    const type = loaded.types.nodes.get('s')?.output as RecordType;
    const run = node.definition.create(node.options, stepContext('parse'));
    fc.assert(
      fc.property(line, (message) => {
        const at = recordOf({ message, log: { file: { path: '/x' } } }, Date.UTC(2024, 4, 1));
        if (run(at) !== undefined) return;
        const value = JSON.parse(JSON.stringify(at.value)) as JsonObject;
        expect(misfitOfValue(value, type), JSON.stringify(value).slice(0, 500)).toBeUndefined();
      }),
      { numRuns: 300, examples: SAMPLES.map((sample): [string] => [sample]) },
    );
  });
});
