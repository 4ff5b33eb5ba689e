import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyedState, Timers } from '../../sdk/keyed-state.ts';
import { ProcessorState } from './processor-state.ts';

const TTL_MS = 20;

/** A state with its views, and the changelog that it would have in Kafka. */
class Held {
  readonly changelog: Map<string, string>;
  readonly #flushed: (readonly [string, string | null])[][] = [];
  state: ProcessorState;
  views: { state: KeyedState; timers: Timers };

  constructor(changelog = new Map<string, string>(), watermark = Number.NEGATIVE_INFINITY, maxEntries = 1000) {
    this.changelog = changelog;
    this.state = new ProcessorState(maxEntries);
    for (const [key, value] of changelog) this.state.restore(key, value);
    this.state.restored(watermark);
    this.views = this.state.views(
      () => {},
      () => 1_000,
      () => true,
    );
  }

  flush(): void {
    const changes: [string, string | null][] = [];
    this.state.flush({ put: (key, value) => changes.push([key, value]), remove: (key) => changes.push([key, null]) });
    this.#flushed.push(changes);
  }

  commit(): boolean {
    const oldest = this.#flushed.shift();
    if (oldest === undefined) return false;
    this.state.commit();
    for (const [key, value] of oldest) {
      if (value === null) this.changelog.delete(key);
      else this.changelog.set(key, value);
    }
    return true;
  }

  rollback(): void {
    this.state.rollback();
    this.#flushed.length = 0;
  }

  restarted(watermark: number): Held {
    return new Held(new Map([...this.changelog].toReversed()), watermark);
  }

  get all(): unknown {
    const count = this.views.state.value('count');
    const seen = this.views.state.map('seen');
    const last = this.views.state.list('last', { max: 3, whenFull: 'drop_oldest' });
    const due: unknown[] = [];
    const { timers } = this.state;
    const mark = this.state.log.mark();
    for (const clock of ['event', 'wall'] as const) {
      for (let next = timers.due(clock, 1e9); next.length > 0; next = timers.due(clock, 1e9)) {
        due.push(...next);
        for (const timer of next) timers.remove(timer);
      }
    }
    this.state.log.undoTo(mark);
    return [...KEYS.map((key) => [count.get(key), seen.entries(key), seen.size(key), last.get(key), last.size(key)]), due];
  }
}

const KEYS = ['a', 'b', '["x"]'];

/** The same, by copies of plain objects. */
interface Model {
  watermark: number;
  values: Record<string, { value: number; expires: number }>;
  fields: Record<string, { value: number }>;
  items: Record<string, { value: number; expires: number }[]>;
  timers: Record<string, number>;
}

const EMPTY: Model = { watermark: Number.NEGATIVE_INFINITY, values: {}, fields: {}, items: {}, timers: {} };

function allOf(model: Model): unknown {
  const due = Object.entries(model.timers).map(([id, time]) => {
    const [clock, key, name] = JSON.parse(id) as ['event' | 'wall', string, string];
    return { clock, key, name, time };
  });
  due.sort(
    (a, b) =>
      (a.clock < b.clock ? -1 : a.clock > b.clock ? 1 : 0) ||
      a.time - b.time ||
      (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) ||
      (a.name < b.name ? -1 : 1),
  );
  return [
    ...KEYS.map((key) => {
      const fields = Object.entries(model.fields)
        .map(([id, { value }]) => [JSON.parse(id) as [string, string], value] as const)
        .filter(([[owner]]) => owner === key)
        .map(([[, field], value]) => [field, value] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1));
      const items = (model.items[key] ?? []).map(({ value }) => value);
      return [model.values[key]?.value, fields, fields.length, items, items.length];
    }),
    due,
  ];
}

type Change =
  | { kind: 'set' | 'append'; key: string; value: number }
  | { kind: 'delete' | 'clear' | 'empty'; key: string }
  | { kind: 'field'; key: string; field: string; value: number }
  | { kind: 'unfield'; key: string; field: string }
  | { kind: 'at' | 'after'; key: string; name: string; time: number }
  | { kind: 'untimer'; key: string; name: string }
  | { kind: 'time'; by: number };

function change(held: Held, model: Model, made: Change): void {
  const { state, timers } = held.views;
  const count = state.value<number>('count', { ttl: `${TTL_MS}ms` });
  const seen = state.map<number>('seen');
  const last = state.list<number>('last', { max: 3, whenFull: 'drop_oldest', ttl: `${TTL_MS}ms` });
  const expires = model.watermark + TTL_MS;
  switch (made.kind) {
    case 'set':
      count.set(made.key, made.value);
      model.values[made.key] = { value: made.value, expires };
      break;
    case 'delete':
      count.delete(made.key);
      delete model.values[made.key];
      break;
    case 'field':
      seen.set(made.key, made.field, made.value);
      model.fields[JSON.stringify([made.key, made.field])] = { value: made.value };
      break;
    case 'unfield':
      seen.delete(made.key, made.field);
      delete model.fields[JSON.stringify([made.key, made.field])];
      break;
    case 'clear':
      seen.delete(made.key);
      for (const id of Object.keys(model.fields)) if (JSON.parse(id)[0] === made.key) delete model.fields[id];
      break;
    case 'append':
      last.append(made.key, made.value);
      model.items[made.key] = [...(model.items[made.key] ?? []), { value: made.value, expires }].slice(-3);
      break;
    case 'empty':
      last.delete(made.key);
      delete model.items[made.key];
      break;
    case 'at':
      timers.at(made.key, made.time, made.name);
      model.timers[JSON.stringify(['event', made.key, made.name])] = made.time;
      break;
    case 'after':
      timers.after(made.key, made.time, made.name);
      model.timers[JSON.stringify(['wall', made.key, made.name])] = 1_000 + made.time;
      break;
    case 'untimer':
      timers.delete(made.key, made.name);
      delete model.timers[JSON.stringify(['event', made.key, made.name])];
      delete model.timers[JSON.stringify(['wall', made.key, made.name])];
      break;
    case 'time': {
      model.watermark = Math.max(model.watermark, made.by);
      held.state.turnTo(model.watermark);
      held.state.store.expire(model.watermark);
      const alive = ({ expires: at }: { expires: number }): boolean => at > model.watermark;
      model.values = Object.fromEntries(Object.entries(model.values).filter(([, each]) => alive(each)));
      model.items = Object.fromEntries(Object.entries(model.items).map(([key, items]) => [key, items.filter(alive)]));
    }
  }
}

const key = fc.constantFrom(...KEYS);
const field = fc.constantFrom('x', '__proto__', 'y"');
const value = fc.nat(99);
const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constantFrom('set' as const, 'append' as const), key, value }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'clear' as const, 'empty' as const), key }),
  fc.record({ kind: fc.constant('field' as const), key, field, value }),
  fc.record({ kind: fc.constant('unfield' as const), key, field }),
  fc.record({
    kind: fc.constantFrom('at' as const, 'after' as const),
    key,
    name: field,
    time: fc.integer({ min: -50, max: 50 }),
  }),
  fc.record({ kind: fc.constant('untimer' as const), key, name: field }),
  fc.record({ kind: fc.constant('time' as const), by: fc.integer({ min: -20, max: 120 }) }),
);

describe('state of a processor', () => {
  it('is what was committed after rollbacks, failed runs and restarts in any order', () => {
    const acts = fc.oneof(
      { weight: 12, arbitrary: changes },
      { weight: 2, arbitrary: fc.record({ failedRun: fc.array(changes, { maxLength: 8 }) }) },
      { weight: 6, arbitrary: fc.constantFrom('flush' as const, 'commit' as const) },
      { weight: 2, arbitrary: fc.constantFrom('rollback' as const, 'restart' as const) },
    );
    fc.assert(
      fc.property(fc.array(acts, { maxLength: 80, size: 'max' }), (given) => {
        let held = new Held();
        let model = structuredClone(EMPTY);
        let durable = structuredClone(EMPTY);
        const sealed: Model[] = [];
        change(held, model, { kind: 'time', by: -100 });
        for (const act of given) {
          if (act === 'flush') {
            held.flush();
            sealed.push(structuredClone(model));
          } else if (act === 'commit') {
            if (held.commit()) durable = sealed.shift() as Model;
          } else if (act === 'rollback' || act === 'restart') {
            if (act === 'rollback') held.rollback();
            else held = held.restarted(durable.watermark);
            model = structuredClone(durable);
            sealed.length = 0;
          } else if ('failedRun' in act) {
            const mark = held.state.log.mark();
            const forgotten = structuredClone(model);
            for (const made of act.failedRun) change(held, forgotten, made);
            held.state.log.undoTo(mark);
          } else change(held, model, act);
          // Before the first time entries have no end; the model has one from the beginning.
          if (model.watermark === Number.NEGATIVE_INFINITY) change(held, model, { kind: 'time', by: -100 });
          expect(held.all).toEqual(allOf(model));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('gives out what cannot be changed, and keeps what is changed later as it was', () => {
    const { views } = new Held();
    const state = views.state.value<{ list: number[] }>('it');
    const given = { list: [1] };
    state.set('a', given);
    given.list.push(2);
    expect(state.get('a')).toEqual({ list: [1] });
    expect(() => state.get('a')?.list.push(3)).toThrow(TypeError);
  });

  it.each([
    [() => new Date(), 'it holds an object of the class Date'],
    [() => ({ at: { x: Number.NaN } }), 'it holds NaN'],
    [() => [1n], 'it holds a bigint'],
    [() => undefined, 'it holds undefined'],
    [() => new Map(), 'it holds an object of the class Map'],
    [() => 'x'.repeat(1_000_001), 'it is larger than 1000000 characters'],
  ])('refuses %s', (made, reason) => {
    const state = new Held().views.state.value('it');
    expect(() => state.set('a', made() as never)).toThrow(`setting the state it of the key a: ${reason}`);
    expect(state.get('a')).toBeUndefined();
  });

  it('refuses a value that is nested without end', () => {
    const value: { self?: unknown } = {};
    value.self = value;
    expect(() => new Held().views.state.value('it').set('a', value as never)).toThrow('nested deeper than 100 levels');
  });

  it('is bounded, by entries and timers together', () => {
    const { views } = new Held(new Map(), 0, 2);
    const state = views.state.value<number>('it');
    state.set('a', 1);
    views.timers.at('a', 1, 'end');
    state.set('a', 2);
    views.timers.at('a', 2, 'end');
    expect(() => state.set('b', 1)).toThrow(/holds 2 entries and timers already/);
    expect(() => views.timers.at('b', 1, 'end')).toThrow(/holds 2 entries and timers already/);
  });

  it('says what is wrong with a declaration, a key or a time', () => {
    const { state, timers } = new Held().views;
    expect(() => state.value('')).toThrow('1 to 100 characters');
    expect(() => state.value('v', { ttl: '5' })).toThrow('"ttl" must be a span');
    expect(() => state.list('l', { max: 0 })).toThrow('"max" must be a whole number');
    state.map('m');
    expect(() => state.value('m')).toThrow('another kind');
    expect(() => state.value('v').get(null as never)).toThrow('a key must be a text of at most 10000 characters, and is null');
    expect(() => timers.at('k', Number.NaN, 'n')).toThrow('NaN is no time');
    const list = state.list<number>('two', { max: 2 });
    list.append('a', 1);
    list.append('a', 2);
    expect(() => list.append('a', 3)).toThrow(/has 2 items, which is its "max"/);
  });
});
