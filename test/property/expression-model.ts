import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';

/** A model of the language: random expressions, and an interpreter that shares no code with the compiler. */

export type Value = JsonValue | undefined;

export type Tree =
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'path'; names: string[] }
  | { kind: 'index'; of: Tree; key: Tree }
  | { kind: 'list'; elements: Tree[] }
  | { kind: 'unary'; operator: string; of: Tree }
  | { kind: 'binary'; operator: string; a: Tree; b: Tree }
  | { kind: 'conditional'; test: Tree; a: Tree; b: Tree }
  | { kind: 'call'; name: string; args: Tree[] };

const NAMES = ['a', 'b', 'length', 'toString', 'keys', 'at', '@timestamp', 'valueOf'];
const BINARY = ['+', '-', '*', '/', '%', '**', '<', '<=', '>', '>=', '===', '!==', '&&', '||', '??', 'in'];

export const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.record({
      kind: fc.constant('literal' as const),
      value: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('', 'a', '1', 'length'), fc.boolean(), fc.constant(null)),
    }),
    fc.record({ kind: fc.constant('path' as const), names: fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('index' as const), of: tie('tree'), key: tie('tree') }),
    fc.record({ kind: fc.constant('list' as const), elements: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('unary' as const), operator: fc.constantFrom('!', '-'), of: tie('tree') }),
    fc.record({ kind: fc.constant('binary' as const), operator: fc.constantFrom(...BINARY), a: tie('tree'), b: tie('tree') }),
    fc.record({ kind: fc.constant('conditional' as const), test: tie('tree'), a: tie('tree'), b: tie('tree') }),
    fc.record({
      kind: fc.constant('call' as const),
      name: fc.constantFrom('type_of', 'exists', 'is_null'),
      args: fc.tuple(tie('tree')),
    }),
  ),
}));

const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: -3, max: 9 }),
    fc.constantFrom<JsonValue>('', 'a', '1', 'abc', true, false, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 4 }),
  ),
})).value;

export const recordValue = fc.dictionary(fc.constantFrom(...NAMES), json, { maxKeys: 6 }) as fc.Arbitrary<JsonObject>;

/** Writes a tree with every bracket, so that precedence is acorn's business only where brackets are left out. */
export function write(node: Tree): string {
  switch (node.kind) {
    case 'literal':
      return JSON.stringify(node.value);
    case 'path':
      return node.names.join('.');
    case 'index':
      return `(${write(node.of)})[${write(node.key)}]`;
    case 'list':
      return `[${node.elements.map(write).join(', ')}]`;
    case 'unary':
      return `${node.operator}(${write(node.of)})`;
    case 'binary':
      return `(${write(node.a)}) ${node.operator} (${write(node.b)})`;
    case 'conditional':
      return `(${write(node.test)}) ? (${write(node.a)}) : (${write(node.b)})`;
    case 'call':
      return `${node.name}(${node.args.map(write).join(', ')})`;
  }
}

export function naive(node: Tree, record: JsonObject): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'path':
      return node.names.reduce<Value>((here, name) => field(here, name), record);
    case 'index': {
      const key = naive(node.key, record);
      const of = naive(node.of, record);
      if (typeof key === 'string') return field(of, key);
      return typeof key === 'number' && Array.isArray(of) ? of[key] : undefined;
    }
    case 'list':
      return node.elements.map((element) => naive(element, record) ?? null);
    case 'unary':
      return unary(node.operator, naive(node.of, record));
    case 'binary':
      return binary(
        node.operator,
        () => naive(node.a, record),
        () => naive(node.b, record),
      );
    case 'conditional':
      return naive(node.test, record) ? naive(node.a, record) : naive(node.b, record);
    case 'call':
      return called(node.name, node.args.map((argument) => naive(argument, record))[0]);
  }
}

function field(here: Value, name: string): Value {
  if (here === null || typeof here !== 'object' || Array.isArray(here)) return undefined;
  return new Map(Object.entries(here)).get(name);
}

function unary(operator: string, x: Value): Value {
  if (operator === '!') return !x;
  return typeof x === 'number' ? -x : undefined;
}

function called(name: string, x: Value): Value {
  if (name === 'exists') return x !== undefined;
  if (name === 'is_null') return (x ?? null) === null;
  if (x === undefined) return 'missing';
  return x === null ? 'null' : Array.isArray(x) ? 'array' : typeof x;
}

function binary(operator: string, left: () => Value, right: () => Value): Value {
  const a = left();
  if (operator === '&&') return a ? right() : a;
  if (operator === '||') return a ? a : right();
  if (operator === '??') return a ?? right();
  const b = right();
  if (operator === '===') return a !== undefined && a === b;
  if (operator === '!==') return a === undefined || a !== b;
  if (operator === 'in') return a !== undefined && isMember(a, b);
  const orders: Record<string, (c: number) => boolean> = {
    '<': (c) => c < 0,
    '<=': (c) => c <= 0,
    '>': (c) => c > 0,
    '>=': (c) => c >= 0,
  };
  const order = orders[operator];
  if (order !== undefined)
    return (typeof a === 'number' || typeof a === 'string') && typeof a === typeof b ? order(compare(a, b)) : false;
  if (operator === '+' && (typeof a === 'string' || typeof b === 'string')) {
    return [a, b].every((x) => ['string', 'number', 'boolean'].includes(typeof x)) ? String(a) + String(b) : undefined;
  }
  return typeof a === 'number' && typeof b === 'number' ? arithmetic(operator, a, b) : undefined;
}

function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  return (a as number) < (b as number) ? -1 : 1;
}

function arithmetic(operator: string, a: number, b: number): Value {
  const results: Record<string, number> = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b, '**': a ** b };
  const result = results[operator];
  return result !== undefined && Number.isFinite(result) ? result : undefined;
}

function isMember(a: JsonValue, b: Value): boolean {
  if (Array.isArray(b)) return b.some((element) => element === a);
  if (typeof b === 'string') return typeof a === 'string' && b.indexOf(a) >= 0;
  return typeof a === 'string' && typeof b === 'object' && b !== null && Object.keys(b).includes(a);
}
