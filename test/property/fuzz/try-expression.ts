import { expect } from 'vitest';

export { isSafeName } from '../../../src/expression/access.ts';

import { bindOption, defaultScope, type ExpressionProblem, type ExpressionScope } from '../../../src/expression/index.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/record/json.ts';
import { CompiledOption, type OptionLanguage } from '../../../src/sdk/option.ts';
import { compileAggregation } from '../../../src/stream/aggregate/compile-aggregation.ts';
import { builtInAggregates } from '../../../src/stream/aggregate/functions.ts';
import type { Random } from '../../support/random.ts';
import { canary } from './canary.ts';
import { ELEMENTS } from './expression-grammar.ts';
import { pooledValue, recordWith } from './hostile-records.ts';

const SCOPE: ExpressionScope = { ...defaultScope, aggregates: builtInAggregates };

/** What one compilation or evaluation may take. */
const SLOW_MS = 2000;
const MOST_LEVELS = 2000;

/** Compiles a text and, where it compiles, runs it on records. Throws where something is not as it must be. Returns whether it compiled. */
export function tryText(language: OptionLanguage, text: string, random: Random, scope: ExpressionScope = SCOPE): boolean {
  const option = new CompiledOption(language, text);
  option.elements = language === 'match' ? ELEMENTS : [];
  const problems = timed('compiling', () => bindOption(option, scope));
  if (problems.length > 0) {
    for (const problem of problems) expectSound(problem, text);
    return false;
  }
  for (let i = 0; i < 2; i += 1) run(option, random);
  if (canary.reads > 0) {
    canary.reads = 0;
    throw new Error('something inherited or global was read');
  }
  return true;
}

function expectSound({ offset, length, message, code }: ExpressionProblem, text: string): void {
  expect(code).toMatch(/^EXPRESSION_/);
  expect(offset).toBeGreaterThanOrEqual(0);
  expect(length).toBeGreaterThanOrEqual(0);
  expect(offset + length).toBeLessThanOrEqual(text.length);
  expect(message).not.toBe('');
  // What was not filled in, unless the text itself says so.
  for (const slip of ['undefined', '[object ', 'NaN']) if (!text.includes(slip)) expect(message).not.toContain(slip);
}

function run(option: CompiledOption, random: Random): void {
  const value = pooledValue(random);
  switch (option.language) {
    case 'aggregate':
      return runAggregate(option, random);
    case 'match': {
      const taken = [[pooledValue(random), pooledValue(random)], []];
      const view = {
        time: 17,
        key: random.of(['k', null]),
        last: (i: number) => taken[i]?.[0],
        taken: (i: number) => taken[i] ?? [],
      };
      return expectPure(() => option.match.evaluate(value, view));
    }
    case 'map': {
      const record = recordWith(structuredClone(value), random);
      const result = timed('running', () => option.evaluate(record));
      expect(result).toBeUndefined();
      expectJson(record.value);
      return;
    }
    default: {
      const record = recordWith(value, random);
      return expectPure(() => option.evaluate(record));
    }
  }
}

/** Records are frozen: what writes to one throws. */
function expectPure(evaluate: () => JsonValue | undefined): void {
  const first = timed('running', evaluate);
  expectJson(first);
  const again = evaluate();
  // Large results are compared by what they are only.
  if (typeof first !== 'object') expect(Object.is(again, first)).toBe(true);
}

function runAggregate(option: CompiledOption, random: Random): void {
  const aggregation = compileAggregation({ x: option });
  const accumulators = aggregation.create();
  for (let i = 0; i < 3; i += 1) {
    const record = recordWith(pooledValue(random), random);
    timed('adding', () => aggregation.add(accumulators, record, i));
  }
  const stored = aggregation.encode(accumulators);
  expectJson(stored);
  const results: JsonObject[] = [];
  for (const each of [accumulators, aggregation.decode(JSON.parse(JSON.stringify(stored)) as JsonValue)]) {
    const result: JsonObject = { a: 1 };
    timed('giving the result', () => aggregation.results(each, result));
    expectJson(result);
    results.push(result);
  }
  if (JSON.stringify(results[0]) !== JSON.stringify(results[1])) throw new Error('the result of the stored form is another');
}

/** Only what JSON can hold may come out: no function, no NaN, nothing with a prototype of its own. */
function expectJson(value: unknown, levels = 0): void {
  if (levels > MOST_LEVELS) throw new Error('the value has no end');
  if (value === undefined && levels === 0) return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype) {
    for (const element of value) expectJson(element, levels + 1);
    return;
  }
  if (!isJsonObject(value) || Object.getPrototypeOf(value) !== Object.prototype) throw new Error(`${describe(value)} came out`);
  for (const name of Object.keys(value)) expectJson(value[name], levels + 1);
}

function describe(value: unknown): string {
  return `a ${typeof value}: ${String(value).slice(0, 80)}`;
}

/** By the processor's time: how long it takes by the clock depends on what else the machine does. */
export function timed<Result>(what: string, work: () => Result, limitMs: number = SLOW_MS): Result {
  const began = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(began);
  const took = (user + system) / 1000;
  if (took > limitMs) throw new Error(`${what} took ${took.toFixed(0)} ms`);
  return result;
}
