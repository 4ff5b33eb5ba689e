import { describe, expect, it } from 'vitest';
import { Plugged } from '../support/plugged.ts';
import { hostile } from '../support/plugins/hostile.ts';

const pipeline = (steps: string, topics = ''): string => `pipeline: plugged
plugins: [ ./trouble.ts ]
topics: { in: { external: true }, out: {}${topics} }
streams: { s: { from: in, steps: [ ${steps} ], to: out } }
`;

/** What a processor may do wrong with a record, and what its dead letter says of it. */
const PROCESSOR: Record<string, readonly [code: string, message: RegExp]> = {
  throws: ['PROCESSOR_THREW', /the plugin \.\/trouble\.ts threw: a bad record, at .*trouble\.ts:\d+:\d+/],
  'throws a text': ['PROCESSOR_THREW', /trouble\.ts threw: only a text/],
  'throws nothing': ['PROCESSOR_THREW', /trouble\.ts threw: undefined/],
  'throws what has no text': ['PROCESSOR_THREW', /trouble\.ts threw: \[Object: null prototype\] {}/],
  'rejects with traps': ['PROCESSOR_THREW', /trouble\.ts threw: {}/],
  'gives traps': ['PROCESSOR_THREW', /threw: a trap, at /],
  'gives a revoked proxy': ['PROCESSOR_THREW', /a proxy that has been revoked/],
  rejects: ['PROCESSOR_THREW', /trouble\.ts threw: a bad promise, at .*trouble\.ts:\d+:\d+/],
  hangs: ['PROCESSOR_TOO_LONG', /nothing has come of the record for 5 s.*the plugin \.\/trouble\.ts/],
  'tries again in vain': ['PROCESSOR_RETRIED', /tried for 1 s.*the server is away/],
  'gives nothing, not even null': ['PROCESSOR_OUTPUT', /it is undefined and no record.*the plugin/],
  'gives a number': ['PROCESSOR_OUTPUT', /it is a number and no record.*the plugin/],
  'gives an object': ['PROCESSOR_OUTPUT', /it is an object and no record/],
  'gives a list of rubbish': ['PROCESSOR_OUTPUT', /it is (undefined|a list) and no record/],
  'gives a promise of rubbish': ['PROCESSOR_OUTPUT', /it is a string and no record/],
  'gives a promise in a list': ['PROCESSOR_OUTPUT', /it is (a promise|a list) and no record/],
  'gives too many': ['PROCESSOR_TOO_MANY', /more than 10000 records of one/],
  'gives a cycle': ['PROCESSOR_OUTPUT', /nested deeper than 1000 levels, or holds itself.*the plugin/],
  'gives a frozen cycle': ['PROCESSOR_OUTPUT', /or holds itself/],
  'gives a big integer': ['PROCESSOR_OUTPUT', /it holds a bigint/],
  'gives a function': ['PROCESSOR_OUTPUT', /it holds a function/],
  'gives a date': ['PROCESSOR_OUTPUT', /an object of the class Date/],
  'gives a map': ['PROCESSOR_OUTPUT', /an object of the class Map/],
  'gives bytes': ['PROCESSOR_THREW', /Cannot freeze array buffer views/],
  'gives no value': ['PROCESSOR_OUTPUT', /it is a number and no object/],
  'gives a getter that throws': ['PROCESSOR_THREW', /a getter, at /],
  'gives a key that is no text': ['PROCESSOR_OUTPUT', /whose key is a number/],
  'gives no time': ['PROCESSOR_OUTPUT', /whose time is no number/],
  'gives a record of its own making': ['PROCESSOR_OUTPUT', /it holds a bigint/],
  'gives an heir of a record': ['PROCESSOR_OUTPUT', /it holds a bigint/],
  'writes to the value': ['PROCESSOR_THREW', /read only|not extensible/],
};

describe.each(['trouble-each', 'trouble-batch', 'trouble-operator'])('a plugin with the processor %s', (kind) => {
  it('costs the record that it makes trouble with, and no other', async () => {
    const plugged = await Plugged.start(pipeline(`{ ${kind}: {} }`));
    const troubles = Object.keys(PROCESSOR);
    for (const [i, trouble] of troubles.entries()) {
      plugged.produce('in', [{ good: i }, { do: trouble }]);
      await plugged.clock.advanceUntil(() => plugged.dead.length > i);
    }
    plugged.produce('in', [{ do: 'changes prototypes by a name' }, { good: -1 }]);
    await plugged.clock.advanceUntil(() => plugged.values('out').length === troubles.length + 2);
    expect(await plugged.stop()).toBe(true);
    expect(plugged.dead.map(({ value }) => (JSON.parse(value ?? '{}') as { do: string }).do)).toEqual(troubles);
    for (const [i, { code, message }] of plugged.dead.entries()) {
      const trouble = troubles[i] as string;
      const [expected, text] = PROCESSOR[trouble] as (typeof PROCESSOR)[string];
      expect([trouble, code, message]).toEqual([trouble, expected, expect.stringMatching(text)]);
    }
    const good = plugged.values('out').map((value) => value['good']);
    expect(good.filter((n) => n !== undefined)).toEqual([...troubles.keys(), -1]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(plugged.faults.counts.get('./trouble.ts')).toBeGreaterThanOrEqual(troubles.length);
  });
});

describe('what a plugin throws that cannot be looked at', () => {
  const records = Object.keys(hostile).flatMap((name, i) => [{ good: i }, { do: `throws ${name}` }]);
  const kinds = ['trouble-each', 'trouble-batch', 'trouble-operator', 'trouble-continuous', 'trouble-step', 'trouble-async'];

  it.each(kinds)('costs the record that it is thrown at by %s, and says something of it', async (kind) => {
    const yaml = pipeline(`{ ${kind}: {} }`);
    // What a continuous processor has not let go is read again where it has failed.
    const plugged = await Plugged.start(
      kind === 'trouble-continuous' ? yaml.replace('to: out', '$&, delivery: at_least_once') : yaml,
    );
    const out = () => new Set(plugged.values('out').map((value) => value['good']));
    const dead = () => new Map(plugged.dead.map((letter) => [(JSON.parse(letter.value ?? '{}') as { do: string }).do, letter]));
    for (const [i, record] of records.entries()) {
      plugged.produce('in', [record]);
      await plugged.clock.advanceUntil(() => out().size === (i >> 1) + 1 && dead().size === (i + 1) >> 1);
    }
    expect(await plugged.stop()).toBe(true);
    for (const [trouble, { message, code }] of dead()) {
      expect([trouble, code]).toEqual([trouble, expect.stringMatching(/^(PROCESSOR|PLUGIN)_THREW$/)]);
      expect([trouble, message]).toEqual([trouble, expect.stringMatching(/the plugin \.\/trouble\.ts threw: \S/)]);
      expect(message?.length).toBeLessThan(2_000);
    }
  });

  it.each([
    ['a function', '{ map: "x = bad(what)" }', 'what'],
    ['a parser', '{ parse: { format: trouble, keep_original: false } }', 'message'],
  ])('costs the record of %s', async (_, steps, field) => {
    const names = Object.keys(hostile).map((name) => `throws ${name}`);
    const isOver = (plugged: Plugged) => plugged.values('out').length === 1;
    const { dead } = await through(
      pipeline(steps),
      [...names, 'good'].map((name) => ({ [field]: name })),
      isOver,
    );
    expect(dead.map(([value]) => (value as Record<string, string>)[field])).toEqual(names);
    for (const [, code, message] of dead)
      expect([code, message]).toEqual(['STEP_THREW', expect.stringMatching(/of the plugin .*: \S/)]);
  });
});

/** Runs a pipeline over records of which some make trouble; gives what came out, and the dead letters. */
async function through(yaml: string, records: readonly Record<string, string | number>[], isOver: (plugged: Plugged) => boolean) {
  const plugged = await Plugged.start(yaml);
  plugged.produce('in', records);
  await plugged.clock.advanceUntil(() => isOver(plugged));
  expect(await plugged.stop()).toBe(true);
  const dead = plugged.dead.map(({ value, code, message }) => [JSON.parse(value ?? '{}') as unknown, code, message]);
  return { out: plugged.values('out'), dead, plugged };
}

describe('a plugin with a step that looks at one record', () => {
  const troubles = [
    ['throws', 'PLUGIN_THREW', /the plugin \.\/trouble\.ts threw: a bad step, at .*trouble\.ts:\d+/],
    ['gives a number', 'PLUGIN_OUTPUT', /the step returns a number; return undefined/],
    ['gives a promise', 'PLUGIN_OUTPUT', /the step returns a promise/],
    ['gives another kind', 'PLUGIN_OUTPUT', /the step returns an object/],
    ['routes to nowhere', 'PLUGIN_OUTPUT', /a topic that its "topics" does not name/],
    ['splits into rubbish', 'PLUGIN_OUTPUT', /it is a bigint and no object/],
    ['gives a cycle', 'PLUGIN_OUTPUT', /or holds itself/],
    ['gives no value', 'PLUGIN_OUTPUT', /it is undefined and no object/],
    ['rejects', 'PLUGIN_REJECTED', /^it is not wanted$/],
  ] as const;

  it('costs the record, and no other', async () => {
    const records = troubles.flatMap(([trouble], i) => [{ do: trouble }, { good: i }]);
    const isOver = (plugged: Plugged) => plugged.values('out').length === troubles.length;
    const { out, dead } = await through(pipeline('{ trouble-step: {} }'), records, isOver);
    expect(dead).toEqual(troubles.map(([trouble, code, text]) => [{ do: trouble }, code, expect.stringMatching(text)]));
    expect(out).toEqual(troubles.map((_, i) => ({ good: i })));
  });
});

describe('a plugin with a step that waits', () => {
  it.each([
    ['throws', 'PLUGIN_THREW', /threw: a bad call, at /],
    ['rejects', 'PLUGIN_THREW', /threw: a bad answer, at /],
    ['hangs', 'PLUGIN_TOO_LONG', /the step has not come to an end within 5 s/],
    ['gives a number', 'PLUGIN_OUTPUT', /a list with an outcome for each of 1 records/],
    ['gives too few', 'PLUGIN_OUTPUT', /a list with an outcome for each of 1 records/],
  ])('that %s costs the record, and no other is changed twice', async (trouble, code, text) => {
    const records = [{ good: 1 }, { do: trouble }, { good: 2 }];
    const isOver = (plugged: Plugged) => plugged.values('out').length === 2;
    const { out, dead } = await through(pipeline('{ trouble-async: {} }'), records, isOver);
    expect(dead).toEqual([[{ do: trouble }, code, expect.stringMatching(text)]]);
    expect(out).toEqual([
      { good: 1, n: 1 },
      { good: 2, n: 1 },
    ]);
  });
});

describe('a function of a plugin', () => {
  const records = ['throws', 'gives a promise', 'gives a cycle', 'gives a big integer', 'gives no number', 'good'].map(
    (what) => ({ what }),
  );

  it('that makes trouble costs the record of a step that looks at one', async () => {
    const isOver = (plugged: Plugged) => plugged.values('out').length === 2;
    const { out, dead } = await through(pipeline('{ map: "x = bad(what)" }'), records, isOver);
    expect(out).toEqual([{ what: 'gives no number' }, { what: 'good', x: 'good' }]);
    const message = (text: string) => expect.stringMatching(new RegExp(`calling bad\\(\\) of the plugin ./trouble.ts: ${text}`));
    expect(dead).toEqual([
      [{ what: 'throws' }, 'STEP_THREW', message('a bad call, at .*trouble.ts')],
      [{ what: 'gives a promise' }, 'STEP_THREW', message('it gives no JSON: it holds an object of the class Promise')],
      [{ what: 'gives a cycle' }, 'STEP_THREW', message('it gives no JSON: it is nested')],
      [{ what: 'gives a big integer' }, 'STEP_THREW', message('it gives no JSON: it is a bigint')],
    ]);
  });

  it('gives a missing value where there is no one record to give up, and says so', async () => {
    const steps = '{ deduplicate: { by: [ bad(what) ], within: 1h } }';
    const isOver = (plugged: Plugged) => plugged.values('out').length >= 2;
    const { dead, plugged } = await through(pipeline(steps), [...records, { what: 'good' }], isOver);
    expect(dead).toEqual([]);
    expect(plugged.log.lines.join('\n')).toMatch(/warn calling bad\(\) of the plugin .\/trouble.ts: a bad call/);
    expect(plugged.faults.counts.get('./trouble.ts')).toBeGreaterThanOrEqual(4);
  });
});

describe('a parser of a plugin', () => {
  it('that makes trouble costs the record', async () => {
    const troubles = ['throws', 'gives nothing', 'gives a promise', 'gives a list', 'gives a cycle'];
    const records = [...troubles, 'good'].map((message) => ({ message }));
    const steps = '{ parse: { format: trouble, keep_original: false } }';
    const { out, dead } = await through(pipeline(steps), records, (plugged) => plugged.values('out').length === 1);
    expect(out).toEqual([{ text: 'good' }]);
    expect(dead.map(([, code]) => code)).toEqual(troubles.map(() => 'STEP_THREW'));
    expect(dead[0]?.[2]).toMatch(/calling the parser trouble of the plugin .\/trouble.ts: a bad text, at .*trouble.ts/);
    expect(dead[1]?.[2]).toMatch(/it gives no fields: it is undefined and no object/);
  });
});
