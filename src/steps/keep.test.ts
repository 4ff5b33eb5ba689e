import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { runStep } from '../../test/support/run-step.ts';
import type { JsonObject } from '../record/json.ts';
import { getField, parsePath } from '../record/path.ts';
import { keep } from './keep.ts';

const run = (fields: unknown, value: JsonObject): unknown => runStep(keep, { fields }, value).value;

const value = {
  '@timestamp': 't',
  http: { request: { method: 'GET', bytes: 1 }, response: { status: 200, bytes: 2 } },
  labels: { a_one: 1, a_two: { x: 2 }, b: 3 },
  list: [{ a: 1 }],
};

describe('keep', () => {
  test.each<[string[], unknown]>([
    [['http.response.status'], { http: { response: { status: 200 } } }],
    [['@timestamp', 'list'], { '@timestamp': 't', list: [{ a: 1 }] }],
    [['http.request', 'http.request.method'], { http: { request: { method: 'GET', bytes: 1 } } }],
    [['http.*.bytes'], { http: { request: { bytes: 1 }, response: { bytes: 2 } } }],
    [['http.re*st.*'], { http: { request: { method: 'GET', bytes: 1 } } }],
    [['labels.a_*'], { labels: { a_one: 1, a_two: { x: 2 } } }],
    [['labels.*.x', 'labels.b'], { labels: { a_two: { x: 2 }, b: 3 } }],
    [['http.*.bytes', 'http.response.status'], { http: { request: { bytes: 1 }, response: { status: 200, bytes: 2 } } }],
    [['*'], value],
    [['*tt*'], { http: value.http }],
    [['list.a'], {}],
    [['nothing.at.all'], {}],
    [['toString'], {}],
  ])('%j', (fields, expected) => {
    expect(run(fields, structuredClone(value))).toEqual(expected);
  });

  it('takes one path alone', () => {
    expect(run('list', structuredClone(value))).toEqual({ list: [{ a: 1 }] });
  });

  test.each(['a**b', '*a*b*', '**', 'a*', '*b', 'ab', 'a*ab*b'])('matches names by %s as a regular expression would', (glob) => {
    const pattern = new RegExp(`^${glob.replaceAll('*', '.*')}$`, 's');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }), (name) => {
        expect(Object.hasOwn(run([glob], { [name]: 1 }) as object, name)).toBe(pattern.test(name));
      }),
      { examples: [['abab'], ['ab'], ['a'], ['aabb']] },
    );
  });

  it('keeps exactly the fields that are named', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'constructed', '__proto');
    const paths = fc.array(
      fc.array(name, { minLength: 1, maxLength: 3 }).map((levels) => levels.join('.')),
      { minLength: 1 },
    );
    const tree = fc.letrec<{ node: JsonObject }>((tie) => ({
      node: fc.dictionary(name, fc.oneof({ depthSize: 'small' }, fc.integer(), tie('node'))) as fc.Arbitrary<JsonObject>,
    })).node;
    fc.assert(
      fc.property(tree, paths, (before, fields) => {
        const kept = run(fields, structuredClone(before)) as JsonObject;
        for (const field of fields) {
          const path = parsePath(field) as string[];
          expect(getField(kept, path)).toEqual(getField(before, path));
        }
        const leaves = (object: JsonObject, prefix = ''): string[] =>
          Object.entries(object).flatMap(([key, field]) =>
            typeof field === 'object' && field !== null ? leaves(field as JsonObject, `${prefix}${key}.`) : [prefix + key],
          );
        for (const leaf of leaves(kept)) expect(fields.some((field) => `${leaf}.`.startsWith(`${field}.`))).toBe(true);
      }),
    );
  });

  it('never reaches a prototype', () => {
    const odd = JSON.parse('{"__proto__":{"polluted":1},"a":{"__proto__":2,"b":3}}') as JsonObject;
    expect(JSON.stringify(run(['*'], odd))).toBe('{"__proto__":{"polluted":1},"a":{"__proto__":2,"b":3}}');
    expect(JSON.stringify(run(['a.*'], odd))).toBe('{"a":{"__proto__":2,"b":3}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(keep.options.safeParse({ fields: ['__proto__'] }).success).toBe(false);
  });
});
