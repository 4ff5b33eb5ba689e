import {
  defineAsyncStep,
  defineFunction,
  defineParser,
  defineProcessor,
  defineStep,
  type Emitted,
  type ProcessorRecord,
  reject,
  retryable,
  type StepOutcome,
} from 'millrace/sdk';
import { concatMap, from, map, NEVER, of } from 'rxjs';
import { z } from 'zod';
import { hostile } from './hostile.ts';

/** A plugin that does everything wrong that it is told to. */

const nothing = z.strictObject({});

function fail(message: string): never {
  throw new Error(message);
}

/** Throws what is asked for by name: `throws a revoked proxy`. */
function throwHostile(what: unknown): void {
  const make = typeof what === 'string' && what.startsWith('throws ') ? hostile[what.slice(7)] : undefined;
  if (make !== undefined) throw make();
}

function cyclic(): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

/** What it does with a record, by the field `do` of it. */
const troubles: Record<string, (record: ProcessorRecord) => unknown> = {
  throws: () => fail('a bad record'),
  'throws a text': () => {
    // biome-ignore lint/style/useThrowOnlyError: plugins may.
    throw 'only a text';
  },
  'throws nothing': () => {
    // biome-ignore lint/style/useThrowOnlyError: plugins may.
    throw undefined;
  },
  'throws what has no text': () => {
    throw Object.create(null);
  },
  rejects: () => Promise.reject(new Error('a bad promise')),
  hangs: () => new Promise(() => undefined),
  'tries again in vain': () => {
    throw retryable(new Error('the server is away'));
  },
  'gives nothing, not even null': () => undefined,
  'gives a number': () => 7,
  'gives an object': () => ({ value: {} }),
  'gives a list of rubbish': () => [undefined],
  'gives a promise of rubbish': () => Promise.resolve('text'),
  'gives a promise in a list': (record) => [Promise.resolve(record)],
  'gives too many': (record) => Array.from({ length: 30_001 }, () => record),
  'gives a cycle': (record) => record.with({ value: cyclic() as never }),
  'gives a frozen cycle': (record) => record.with({ value: Object.freeze(cyclic()) as never }),
  'gives a big integer': (record) => record.with({ value: { n: 1n } as never }),
  'gives a function': (record) => record.with({ value: { f: () => 1 } as never }),
  'gives a date': (record) => record.with({ value: { at: new Date(0) } as never }),
  'gives a map': (record) => record.with({ value: { m: new Map() } as never }),
  'gives bytes': (record) => record.with({ value: { b: new Uint8Array(3) } as never }),
  'gives no value': (record) => record.with({ value: 5 as never }),
  'gives a getter that throws': (record) =>
    record.with({ value: Object.defineProperty({}, 'x', { enumerable: true, get: () => fail('a getter') }) as never }),
  'gives a key that is no text': (record) => record.with({ key: 5 as never }),
  'gives no time': (record) => record.with({ time: Number.NaN }),
  'gives a record of its own making': (record) => ({ ...record, value: { n: 1n } }),
  'gives an heir of a record': (record) => Object.create(record, { value: { value: { n: 1n } } }) as unknown,
  'writes to the value': (record) => {
    (record.value as { n: number }).n = 1;
    return record;
  },
  'changes prototypes by a name': (record) =>
    record.with({ value: JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') }),
};

function trouble(record: ProcessorRecord): Emitted | Promise<Emitted> {
  const what = record.value['do'];
  throwHostile(what);
  if (what === 'rejects with traps') return Promise.reject(hostile['a proxy of traps']?.());
  if (what === 'gives traps') return hostile['a proxy of traps']?.() as Emitted;
  if (what === 'gives a revoked proxy') return hostile['a revoked proxy']?.() as Emitted;
  if (typeof what !== 'string' || troubles[what] === undefined) return record.with({ value: { ...record.value, seen: true } });
  return troubles[what](record) as Emitted;
}

const limits = { timeout: '5s', retryFor: '1s' };

export const each = defineProcessor({
  kind: 'trouble-each',
  summary: 'Makes trouble with each record.',
  options: nothing,
  ...limits,
  each: trouble,
});

export const batch = defineProcessor({
  kind: 'trouble-batch',
  summary: 'Makes trouble with many records.',
  options: nothing,
  ...limits,
  batch: async (records) => (await Promise.all(records.map(trouble))).flatMap((made) => made as ProcessorRecord),
});

export const operator = defineProcessor({
  kind: 'trouble-operator',
  summary: 'Makes trouble in an operator.',
  options: nothing,
  ...limits,
  setup: () => (records) =>
    records.pipe(
      concatMap((record) => {
        if (record.value['do'] === 'hangs') return NEVER;
        const made = trouble(record);
        return made instanceof Promise || Array.isArray(made) ? from(made) : of(made);
      }),
      map((made) => made as ProcessorRecord),
    ),
});

export const continuous = defineProcessor({
  kind: 'trouble-continuous',
  summary: 'Makes trouble in a subscription that does not end.',
  options: nothing,
  continuous: { hold: '1s' },
  setup: () => (records) => records.pipe(map((record) => trouble(record) as ProcessorRecord)),
});

export const later = defineProcessor({
  kind: 'trouble-later',
  summary: 'Makes trouble when nobody waits for it any more.',
  options: z.strictObject({ how: z.string() }),
  each: (record, { how }) => {
    if (record.value['do'] === 'later') {
      if (how === 'throws') setTimeout(() => fail('thrown by a timer'));
      else void Promise.reject(new Error('rejected by nobody'));
    }
    return record;
  },
});

export const unsettled = defineProcessor({
  kind: 'trouble-setup',
  summary: 'Returns nothing from setup.',
  options: nothing,
  setup: () => undefined as never,
});

export const step = defineStep({
  kind: 'trouble-step',
  summary: 'A step that makes trouble.',
  options: nothing,
  changesValue: true,
  readsValue: true,
  splits: true,
  examples: [],
  create: () => (record) => {
    throwHostile(record.value['do']);
    const wrong: Record<string, () => unknown> = {
      throws: () => fail('a bad step'),
      'gives a number': () => 7,
      'gives a promise': () => Promise.resolve(),
      'gives another kind': () => ({ kind: 'melted' }),
      'routes to nowhere': () => ({ kind: 'routed', topic: 'nowhere' }),
      'splits into rubbish': () => ({ kind: 'split', values: [1n] }),
      'gives a cycle': () => {
        record.value = cyclic() as never;
        return undefined;
      },
      'gives no value': () => {
        record.value = undefined as never;
        return undefined;
      },
      rejects: () => reject('it is not wanted'),
    };
    return wrong[String(record.value['do'])]?.() as StepOutcome | undefined;
  },
});

export const asyncStep = defineAsyncStep({
  kind: 'trouble-async',
  summary: 'A step that waits, and makes trouble.',
  options: nothing,
  changesValue: true,
  readsValue: true,
  examples: [],
  timeout: '5s',
  createAsync: () => ({
    process: (records) => {
      for (const { value } of records) {
        value['n'] = Number(value['n'] ?? 0) + 1;
        throwHostile(value['do']);
        if (value['do'] === 'throws') fail('a bad call');
        if (value['do'] === 'rejects') return Promise.reject(new Error('a bad answer'));
        if (value['do'] === 'hangs') return new Promise(() => undefined);
        if (value['do'] === 'gives a number') return 7 as never;
        if (value['do'] === 'gives too few') return Promise.resolve([]);
      }
      return Promise.resolve(records.map(() => undefined));
    },
  }),
});

export const bad = defineFunction({
  name: 'bad',
  summary: 'Makes trouble with a value.',
  parameters: [{ name: 'what', type: 'string' }],
  returns: 'any',
  call: (what) => {
    throwHostile(what);
    if (what === 'throws') return fail('a bad call');
    if (what === 'gives a promise') return Promise.resolve(1) as never;
    if (what === 'gives a cycle') return cyclic() as never;
    if (what === 'gives a big integer') return 1n as never;
    if (what === 'gives no number') return Number.NaN;
    return what;
  },
});

export const parser = defineParser({
  name: 'trouble',
  summary: 'a text that says what goes wrong',
  create: () => (text) => {
    throwHostile(text);
    if (text === 'throws') fail('a bad text');
    if (text === 'gives nothing') return undefined as never;
    if (text === 'gives a promise') return Promise.resolve({}) as never;
    if (text === 'gives a list') return [] as never;
    if (text === 'gives a cycle') return cyclic() as never;
    return { text };
  },
});
