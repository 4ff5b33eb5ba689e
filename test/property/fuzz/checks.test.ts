import { describe, expect, it } from 'vitest';
import type { Argument, ExpressionFunction } from '../../../src/expression/functions/definition.ts';
import { defaultScope, scopeWith } from '../../../src/expression/index.ts';
import type { JsonObject, JsonValue } from '../../../src/record/json.ts';
import { Random } from '../../support/random.ts';
import { runCampaign } from './campaign.ts';
import { timed, tryText } from './try-expression.ts';
import { CANARY, GLOBAL_CANARY } from './words.ts';
import { changes, worldNow } from './world.ts';

/** What the campaigns look for is found where it is planted: in a function that does what none may do. */

const planted = (call: (value: Argument) => unknown): ExpressionFunction => ({
  name: 'planted',
  summary: '',
  parameters: [{ name: 'value', type: 'any' }],
  returns: 'any',
  example: { text: '', result: null },
  call: (value) => call(value) as JsonValue | undefined,
});

let count = 0;
const FAULTS: readonly [string, RegExp, (value: Argument) => unknown][] = [
  [
    'throws',
    /boom/,
    () => {
      throw new Error('boom');
    },
  ],
  ['gives a function', /function/, () => process.exit],
  ['gives no number', /NaN/, () => Number.NaN],
  ['gives a prototype', /came out/, () => new Map()],
  [
    'writes to the record',
    /object is not extensible/,
    (value) => {
      (value as JsonObject)['written'] = 1;
    },
  ],
  ['reads what is inherited', /inherited or global/, (value) => (value as JsonObject)[CANARY] === 1],
  ['reads a global', /inherited or global/, () => (globalThis as unknown as JsonObject)[GLOBAL_CANARY] === 1],
  [
    'remembers',
    /expected false to be true/,
    () => {
      count += 1;
      return count;
    },
  ],
];

describe('the watch over expressions', () => {
  it.each(FAULTS)('sees a function that %s', (_, message, call) => {
    const scope = scopeWith([planted(call)]);
    expect(() => tryText('expression', 'planted({ a: 1 }.x ?? $value)', new Random(3), scope)).toThrow(message);
  });

  it('sees work that takes long', () => {
    const work = (): void => {
      for (const begun = process.cpuUsage(); process.cpuUsage(begun).user < 30_000; );
    };
    expect(() => timed('working', work, 20)).toThrow(/^working took \d+ ms$/);
    expect(() => timed('working', work)).not.toThrow();
  });

  it('says nothing of one that does what it should', () => {
    expect(tryText('expression', 'planted($value)', new Random(3), scopeWith([planted(() => 1)]))).toBe(true);
    expect(tryText('expression', 'planted(', new Random(3), defaultScope)).toBe(false);
  });

  it('sees what has changed in the world', () => {
    const before = worldNow();
    Object.defineProperty(Array.prototype, 'planted', { value: 1, configurable: true });
    const found = changes(before, worldNow());
    Reflect.deleteProperty(Array.prototype, 'planted');
    expect(found).toEqual(['Array.prototype: planted']);
    expect(changes(before, worldNow())).toEqual([]);
  });

  it('names the seed of a finding, which brings it back', async () => {
    const attempt = (random: Random): void => {
      if (random.below(10) === 7) throw new Error('found');
    };
    const error = await runCampaign({ cases: { ci: 200, full: 200 }, attempt }).catch((thrown: unknown) => String(thrown));
    const seed = Number(/MILLRACE_FUZZ_SEED=(\d+): found/.exec(String(error))?.[1]);
    expect(() => attempt(new Random(seed))).toThrow('found');
  });
});
