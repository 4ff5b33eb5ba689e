import { describe, expect, it } from 'vitest';
import { loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import { environment } from './golden.ts';
import { registry } from './registry.ts';

const SCHEMA = {
  id: 'string',
  kind: "'order' | 'refund' | 'test'",
  amount: 'number | null',
  'note?': 'string | null',
  'customer?': { name: 'string | null', 'tier?': "'basic' | 'gold'" },
  value: 'string | number | list | null',
  data: 'any',
};

/** Steps that are right, because of what the conditions before them prove, or although they ask for what is known. */
const VALID: Readonly<Record<string, readonly object[]>> = {
  'what is not null is a number': [{ filter: 'amount !== null' }, { convert: { fields: { amount: 'string' } } }],
  'what is left may be each of the rest': [{ filter: "kind !== 'test'" }, { filter: "kind === 'order' || kind === 'refund'" }],
  'a test that repeats one before': [{ filter: "kind === 'order'" }, { filter: "kind === 'order' && amount !== null" }],
  'a field that is set again': [
    { filter: "kind === 'order'" },
    { set: { kind: 'sale' } },
    { filter: "kind === 'sale'" },
    { map: "kind = exists(note) ? 'a' : 'b'" },
    { filter: "kind === 'b' || kind === 'a'" },
  ],
  'a condition that holds for some steps only': [
    { set: { size: 'small' }, when: "kind === 'order'" },
    { filter: "kind === 'refund' || size === 'small'" },
  ],
  'one of two conditions': [{ filter: "kind === 'order' || amount > 5" }, { filter: "kind === 'refund' || is_null(amount)" }],
  'what is missing is not equal': [{ filter: "note !== 'x'" }, { filter: 'is_null(note) || length(note) > 5' }],
  'not null may be missing': [
    { filter: 'note !== null' },
    { map: "text = note ?? 'none'" },
    { filter: "!exists(note) || note === 'x'" },
  ],
  'one side of an or': [{ filter: "is_null(note) || starts_with(note, 'a')" }, { filter: "note === 'a' || is_null(note)" }],
  'type tests': [
    {
      map: "text = type_of(value) === 'string' ? lower(value) : type_of(value) === 'number' ? string(value * 2) : to_json(value)",
    },
    { filter: "type_of(value) in ['string', 'number']" },
    { filter: "value === 'a' || value > 5" },
  ],
  'a test that a declaration rules out, for records that are otherwise': [
    { route: [{ when: "type_of(id) !== 'string'", to: 'bad' }] },
    { filter: "type_of(kind) === 'string'" },
    { map: "a = is_null(id) ? 'none' : id\nb = type_of(id) === 'number' ? id * 2 : id" },
  ],
  'a test of what is sure, and what comes behind': [
    { filter: 'id === null' },
    { filter: "id === 'x' || is_null(id) || exists(id)" },
  ],
  'free JSON': [
    { filter: "data.kind === 'a' || data.kind === 5" },
    { filter: "data.kind > 3 || data.kind === 'b'" },
    { filter: "data.x > 5 && type_of(data.y) === 'object'" },
    { filter: 'data.x < 10 && data.y.z === true && data.q.r === 5' },
    { map: "a = data.u ?? 'none'\nb = data.v && data.v.w\nc = exists(data.t) ? data.t.deep.er : data.s" },
  ],
  'free JSON that is not something': [
    { filter: "data !== null && data !== 'x' && type_of(data) !== 'number'" },
    { filter: "data.a === 'x' || data === 'y'" },
  ],
  routes: [
    {
      route: [
        { when: "kind === 'order' && amount > 100", to: 'big' },
        { when: "kind === 'order'", to: 'small' },
        { when: "kind === 'refund' && !is_null(amount)", to: 'bad' },
      ],
    },
    { filter: "kind === 'refund' || kind === 'test'" },
  ],
  'a route that takes all': [{ route: [{ when: "kind === 'order'", to: 'big' }, { to: 'small' }] }],
  'within a condition': [
    { filter: 'exists(note) && note !== null && length(note) > 3' },
    { filter: "exists(customer) && customer.name !== null && lower(customer.name) === 'x'" },
    { filter: "(customer.tier ?? 'basic') === 'basic' || customer.tier === 'gold'" },
  ],
  'nested fields': [
    { filter: "customer.tier === 'gold'" },
    { filter: "customer.name === 'x' || is_null(customer.name)" },
    { filter: '!exists(customer.other) || customer.name !== null' },
  ],
  'alerts and windows': [
    {
      window: {
        tumbling: '1m',
        by: ['kind'],
        compute: { n: 'count()', orders: "count_if(kind === 'order')", most: 'max(amount)' },
        having: "kind !== 'test' && most > 5",
      },
    },
    {
      alert: {
        name: 'n',
        by: ['kind'],
        raise_when: "kind === 'order' && n > 5",
        resolve_when: "kind === 'refund'",
        fields: { n: '{{ n }}', was: '{{ kind }}' },
      },
    },
    { filter: "kind === 'order' || kind === 'refund' || is_null(kind)" },
  ],
  'a pattern': [
    {
      pattern: {
        by: ['id'],
        within: '1m',
        sequence: [
          { begin: 'ordered', where: "kind === 'order'" },
          { followed_by: 'refunded', where: "kind === 'refund' && ordered.kind === 'order' && amount > ordered.amount" },
        ],
      },
    },
  ],
  'a step that takes nothing, by what is declared': [{ set: { id: '5' }, when: 'is_null(id)' }, { filter: "id === 'x'" }],
};

function load(steps: readonly object[], strict: boolean): ReturnType<typeof loadPipeline> {
  const topics = { orders: { external: true, schema: SCHEMA }, out: {}, ...routedTopics(steps) };
  const text = JSON.stringify({ pipeline: 'p', strict, topics, streams: { s: { from: 'orders', steps, to: 'out' } } });
  return loadPipeline('p.yaml', registry, { ...environment, readFile: () => text });
}

function routedTopics(steps: readonly object[]): object {
  const written = steps.flatMap((step) => ('route' in step ? (step.route as { to: string }[]).map(({ to }) => [to, {}]) : []));
  return Object.fromEntries(written) as object;
}

describe('no mistake is', () => {
  it.each(Object.keys(VALID))('%s', (name) => {
    const loaded = load(VALID[name] ?? [], false);
    const found = loaded.ok ? loaded.warnings : loaded.diagnostics;
    expect(found.map((each) => renderDiagnostic(each))).toEqual([]);
  });

  it('but a doubt, what rules out what is ruled out already, or lists it beside what can be', () => {
    const steps = [{ filter: "kind === 'order'" }, { filter: "kind !== 'test' && kind in ['order', 'refund']" }];
    const loaded = load(steps, false);
    expect(loaded.ok && loaded.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining("`kind` is 'order' behind the step \"filter-1\", and never 'test'"),
      expect.stringContaining("`kind` is 'order' behind the step \"filter-1\", and never 'refund'"),
    ]);
  });

  it('a number that is not null where a topic wants one, which is one without the filter', () => {
    const withSchema = (steps: readonly object[]): ReturnType<typeof loadPipeline> => {
      const topics = { orders: { external: true, schema: SCHEMA }, out: { schema: { amount: 'number', '...': 'any' } } };
      const text = JSON.stringify({ pipeline: 'p', strict: true, topics, streams: { s: { from: 'orders', steps, to: 'out' } } });
      return loadPipeline('p.yaml', registry, { ...environment, readFile: () => text });
    };
    expect(withSchema([{ filter: 'amount !== null' }]).ok).toBe(true);
    expect(withSchema([{ filter: "kind === 'order'" }]).ok).toBe(false);
    expect(withSchema([{ map: 'amount = amount ?? 0' }]).ok).toBe(true);
    expect(withSchema([{ set: { amount: 0 }, when: 'is_null(amount)' }]).ok).toBe(true);
  });

  it('in a strict pipeline, what a condition says what it is', () => {
    expect(load([{ filter: "type_of(data) === 'object' && data.n > 5" }, { map: 'a = data.n * 2' }], true).ok).toBe(false);
    expect(load([{ filter: "type_of(data) === 'number'" }, { map: 'a = data * 2' }], true).ok).toBe(true);
  });
});
