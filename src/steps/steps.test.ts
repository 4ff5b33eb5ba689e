import { describe, expect, it, test } from 'vitest';
import { runStep, stepContext } from '../../test/support/run-step.ts';
import type { JsonObject } from '../record/json.ts';
import { getField, parsePath, setField } from '../record/path.ts';
import type { CompiledOption } from '../sdk/option.ts';
import { filter } from './filter.ts';
import { steps } from './index.ts';
import { map } from './map.ts';
import { remove } from './remove.ts';
import { rename } from './rename.ts';
import { route } from './route.ts';
import { set } from './set.ts';

/** Stands in for the compiler of expressions: a text is the path of a field, or, in a template, a literal without one. */
function bindPaths(option: CompiledOption): void {
  const path = (text: string): readonly string[] => parsePath(text.trim()) ?? [];
  if (option.language === 'template') {
    const inner = /^\{\{(.*)\}\}$/.exec(option.text)?.[1];
    if (inner === undefined) option.bind(() => option.text, { value: option.text });
    else option.bind((record) => getField(record.value, path(inner)));
  } else if (option.language === 'map') {
    option.bind((record) => {
      setField(record.value, path(option.text), 'mapped');
      return undefined;
    });
  } else {
    option.bind((record) => getField(record.value, path(option.text)));
  }
}

const run = <Options>(
  definition: Parameters<typeof runStep<Options>>[0],
  options: unknown,
  value: JsonObject,
): ReturnType<typeof runStep> => runStep(definition, options, value, { bind: bindPaths });

describe('steps', () => {
  it('are all registered under their kind', () => {
    expect([...steps.keys()]).toEqual(
      'parse timestamp convert set map keep remove rename flatten redact geoip lookup http_lookup filter sample split route window join deduplicate pattern running changes throttle absence compare alert'.split(
        ' ',
      ),
    );
    for (const [kind, step] of steps) {
      expect(step.kind).toBe(kind);
      expect(step.examples.length).toBeGreaterThan(0);
    }
  });

  it('say that they leave the value alone where they do', () => {
    expect([...steps.values()].filter((step) => !step.changesValue).map((step) => step.kind)).toEqual([
      'filter',
      'sample',
      'route',
      'deduplicate',
    ]);
  });
});

describe('filter', () => {
  test.each<[string, JsonObject, unknown]>([
    ['true', { keep: true }, undefined],
    ['false', { keep: false }, { kind: 'dropped' }],
    ['missing', {}, { kind: 'dropped' }],
    ['not true, though truthy', { keep: 1 }, { kind: 'dropped' }],
  ])('decides on a condition that is %s', (_name, value, outcome) => {
    expect(run(filter, { condition: 'keep' }, value)).toEqual({ outcome, value });
  });
});

describe('map', () => {
  it('runs its program on the record', () => {
    expect(run(map, { program: 'a.b' }, { a: { c: 1 } })).toEqual({ outcome: undefined, value: { a: { b: 'mapped', c: 1 } } });
  });
});

describe('set', () => {
  it('sets literals and templates, in order, and leaves a field whose template has no value', () => {
    const options = {
      'labels.env': 'prod',
      count: 3,
      'flag.on': true,
      nothing: null,
      tags: ['web', '{{ a }}', 1, ['x'], '{{ missing }}'],
      copy: '{{ labels.env }}',
      typed: '{{ n }}',
      kept: '{{ missing }}',
    };
    expect(run(set, options, { a: 'A', n: 7, kept: 'as is', labels: { team: 't' }, flag: 'scalar' }).value).toEqual({
      a: 'A',
      n: 7,
      labels: { team: 't', env: 'prod' },
      count: 3,
      flag: { on: true },
      nothing: null,
      tags: ['web', 'A', 1, ['x'], null],
      copy: 'prod',
      typed: 7,
      kept: 'as is',
    });
  });

  it('gives each record its own list', () => {
    const options = set.options.parse({ tags: ['a'] });
    for (const value of Object.values(options)) {
      if (Array.isArray(value)) for (const item of value) bindPaths(item as CompiledOption);
    }
    const step = set.create(options, stepContext('set'));
    const values = [0, 1].map(() => {
      const value: JsonObject = {};
      step({ value } as Parameters<typeof step>[0]);
      return value['tags'];
    });
    expect(values[0]).toEqual(['a']);
    expect(values[0]).not.toBe(values[1]);
  });

  it('keeps compiled values where they stand in the file', () => {
    const options = set.options.parse({ 'labels.env': '{{ a }}', tags: ['{{ b }}'] });
    expect(options['labels.env']).toMatchObject({ language: 'template', text: '{{ a }}' });
    expect(options['tags']).toMatchObject([{ language: 'template', text: '{{ b }}' }]);
  });

  test.each<[string, unknown, RegExp]>([
    ['an object', { labels: { env: 'prod' } }, /write their paths with dots/],
    ['a path to a prototype', { 'a.constructor.b': 1 }, /no field path/],
    ['nothing', {}, /at least one field/],
    ['a list', ['a'], /record/],
  ])('refuses %s', (_name, options, message) => {
    expect(JSON.stringify(set.options.safeParse(options).error?.issues)).toMatch(message);
  });
});

describe('remove', () => {
  it('removes one field or several, and passes over those that are missing', () => {
    expect(run(remove, { fields: 'a.b' }, { a: { b: 1, c: 2 } }).value).toEqual({ a: { c: 2 } });
    expect(run(remove, { fields: ['a', 'x.y', 'd'] }, { a: 1, d: { e: 1 }, f: 2 }).value).toEqual({ f: 2 });
  });

  it('refuses what is no path', () => {
    expect(remove.options.safeParse({ fields: 'a..b' }).success).toBe(false);
    expect(remove.options.safeParse({ fields: [] }).success).toBe(false);
  });
});

describe('rename', () => {
  test.each<[string, Record<string, string>, JsonObject, JsonObject]>([
    ['to another path', { host: 'host.name' }, { host: 'h', a: 1 }, { host: { name: 'h' }, a: 1 }],
    ['a missing field', { x: 'y' }, { y: 1 }, { y: 1 }],
    ['onto a field that is there', { x: 'y' }, { x: 1, y: 2 }, { y: 1 }],
    ['two that change places', { x: 'y', y: 'x' }, { x: 1, y: 2 }, { x: 2, y: 1 }],
    ['null and false', { x: 'a', y: 'b' }, { x: null, y: false }, { a: null, b: false }],
  ])('moves %s', (_name, options, value, expected) => {
    expect(run(rename, options, value).value).toEqual(expected);
  });

  it('carries nothing over to the next record', () => {
    const step = rename.create(rename.options.parse({ x: 'y' }), stepContext('rename'));
    const values: JsonObject[] = [{ x: 1 }, {}];
    for (const value of values) step({ value } as Parameters<typeof step>[0]);
    expect(values).toEqual([{ y: 1 }, {}]);
  });

  it('refuses what is no path, on either side', () => {
    expect(rename.options.safeParse({ 'a.': 'b' }).success).toBe(false);
    expect(rename.options.safeParse({ a: '__proto__' }).success).toBe(false);
  });
});

describe('route', () => {
  const options = {
    routes: [
      { when: 'a', to: 't1' },
      { when: 'b', to: 't2' },
      { when: 'c', to: 't1' },
    ],
  };

  test.each<[string, JsonObject, unknown]>([
    ['the first that matches', { a: true, b: true }, { kind: 'routed', topic: 't1' }],
    ['a later one', { b: true }, { kind: 'routed', topic: 't2' }],
    ['none', { a: false, b: 1 }, undefined],
  ])('takes %s', (_name, value, outcome) => {
    expect(run(route, options, value)).toEqual({ outcome, value });
  });

  it('takes the rest by a last entry without a condition', () => {
    expect(run(route, { routes: [{ when: 'a', to: 't1' }, { to: 'rest' }] }, {}).outcome).toEqual({
      kind: 'routed',
      topic: 'rest',
    });
  });

  it('names its topics once each', () => {
    expect(route.topics?.(route.options.parse(options))).toEqual(['t1', 't2']);
  });

  it('says whether any record goes on', () => {
    expect(route.routesAll?.(route.options.parse(options))).toBe(false);
    expect(route.routesAll?.(route.options.parse({ routes: [{ when: 'a', to: 't1' }, { to: 't2' }] }))).toBe(true);
  });

  it('refuses an entry without a condition before others', () => {
    const result = route.options.safeParse({ routes: [{ to: 't1' }, { when: 'a', to: 't2' }] });
    expect(result.error?.issues).toMatchObject([
      { path: ['routes', 0], message: expect.stringContaining('takes all records') as string },
    ]);
  });
});
