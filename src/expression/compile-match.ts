import type { CallExpression, Identifier } from 'acorn';
import type { JsonObject, JsonValue } from '../record/json.ts';
import type { FieldPath } from '../record/path.ts';
import type { MatchExpression, MatchView } from '../sdk/match-expression.ts';
import { NUMBER, OBJECT, type RecordType, STRING } from '../sdk/types/index.ts';
import { VALUE } from './emit-path.ts';
import { type AnyExpression, BROKEN, type Emitted, unwrap } from './emitted.ts';
import { Emitter } from './emitter.ts';
import { finite } from './operators.ts';
import { parseBounded } from './parser.ts';
import { assembleFunction, type Failed, failed } from './program.ts';
import type { ExpressionScope } from './scope.ts';

/** What compiling gives, or everything that is wrong with the text. */
export type CompiledMatch = { readonly ok: true; readonly match: MatchExpression } | Failed;

type Read = (value: JsonObject) => JsonValue | undefined;
type Over = (match: MatchView, element: number, read: Read) => JsonValue | undefined;

/** The number of no element. */
const NONE = -1;

/** The name of the match in the generated code. */
const MATCH = 'm';

const WHOLE = '$value';

/** What can be asked of the records that an element has taken. */
const OVER: ReadonlyMap<string, Over> = new Map<string, Over>([
  ['count', (match, element, read) => match.taken(element).filter((value) => isThere(read(value))).length],
  ['sum', (match, element, read) => finite(sum(numbers(match, element, read)))],
  ['avg', (match, element, read) => average(numbers(match, element, read))],
  ['min', (match, element, read) => extreme(numbers(match, element, read), Math.min)],
  ['max', (match, element, read) => extreme(numbers(match, element, read), Math.max)],
  ['first', (match, element, read) => readFrom(match.taken(element).at(-1), read)],
  ['last', (match, element, read) => readFrom(match.last(element), read)],
]);

/** Those that whole records make no sense for. */
const OF_NUMBERS: ReadonlySet<string> = new Set(['sum', 'avg', 'min', 'max']);

/**
 * Compiles an expression over a record and what a match has taken: `amount > 10 * small.amount`, `sum(small.amount) + amount < 5`.
 * A path that begins with the name of an element is the field of the last record that it has taken; as the only argument of `count`,
 * `sum`, `avg`, `min`, `max`, `first` and `last` it stands for all of them. Any other path is the record's own.
 */
export function compileMatch(text: string, scope: ExpressionScope): CompiledMatch {
  const parsed = parseBounded(text);
  if ('problem' in parsed) return failed([parsed.problem]);
  const emitter = new MatchEmitter(scope);
  emitter.text = text;
  const { code } = emitter.emit(parsed.node);
  if (emitter.problems.length > 0) return failed(emitter.problems);
  const evaluate = assembleFunction<MatchExpression['evaluate']>(emitter, `${VALUE},${MATCH}`, `return ${code};`);
  return { ok: true, match: { iterative: emitter.iterative, own: emitter.fields, ofTaken: emitter.ofTaken, evaluate } };
}

/** What stands below the name of an element, where, and what is known of the element's records. */
interface Below {
  readonly rest: string;
  readonly at: number;
  readonly of: RecordType | undefined;
}

export class MatchEmitter extends Emitter {
  iterative = false;
  readonly ofTaken: FieldPath[] = [];

  override emitBase(base: Identifier, path: FieldPath): Emitted | undefined {
    const { name } = base;
    const element = this.#elementOf(name);
    if (element !== NONE) {
      this.iterative = true;
      this.ofTaken.push(path);
      return { code: `${MATCH}.last(${element})`, type: this.#takenBy(name) ?? OBJECT, present: false };
    }
    if (name === '$time') return { code: `${MATCH}.time`, type: NUMBER, present: true };
    if (name === '$key') return { code: `${MATCH}.key`, type: STRING, present: false };
    if (!name.startsWith('$') || name === '$value') return undefined;
    const reason = 'of its metadata a record in a match has $time and $key only: put what else is needed into a field before';
    return this.report('EXPRESSION_MATCH', base, { reason });
  }

  override emitAggregate(node: CallExpression, callee: Identifier): Emitted | undefined {
    const over = OVER.get(callee.name);
    const [only, ...more] = node.arguments;
    if (over === undefined || only === undefined || more.length > 0) return undefined;
    const base = baseOf(only);
    const element = base === undefined ? NONE : this.#elementOf(base.name);
    if (base === undefined || element === NONE) return this.#namesElement(only) ? this.#noPath(node) : undefined;
    const rest = this.text.slice(base.end, unwrap(only).end);
    if (rest.trim() === '' && OF_NUMBERS.has(callee.name)) return this.#noField(node, callee.name, base.name);
    const found = this.#read({ rest, at: base.end, of: this.#takenBy(base.name) }, node);
    if (found === undefined) return BROKEN;
    const { read, type } = found;
    // Nothing of a record has to be known to count it.
    if (rest.trim() === '' && callee.name !== 'count') this.ofTaken.push([]);
    this.iterative = true;
    const whole = callee.name === 'first' || callee.name === 'last' ? type : NUMBER;
    const code = `${this.constant(over)}(${MATCH},${element},${this.constant(read)})`;
    return { code, type: whole, present: callee.name === 'count' };
  }

  /** Reads the rest of a path (`.amount`) in the value of a record that was taken. */
  #read({ rest, at, of }: Below, node: CallExpression): { read: Read; type: RecordType } | undefined {
    if (rest.trim() === '') return { read: (value) => value, type: of ?? OBJECT };
    const text = `${WHOLE}${rest}`;
    const parsed = parseBounded(text);
    const emitter = new Emitter(of === undefined ? this.scope : { ...this.scope, record: of });
    emitter.text = text;
    emitter.base = this.base + at - WHOLE.length;
    if (!('problem' in parsed) && isWrittenOut(parsed.node)) {
      const { code, type } = emitter.emit(parsed.node);
      this.ofTaken.push(...emitter.fields);
      if (this.checksTypes) {
        this.problems.push(...emitter.problems);
        return { read: () => undefined, type };
      }
      if (emitter.problems.length === 0) return { read: assembleFunction<Read>(emitter, VALUE, `return ${code};`), type };
    }
    this.#noPath(node);
    return undefined;
  }

  #noPath(node: CallExpression): Emitted {
    const reason = `\`${this.source(node)}\` is over the records of an element: it takes the path of a field below its name, and no more`;
    return this.report('EXPRESSION_MATCH', node, { reason });
  }

  #noField(node: CallExpression, name: string, element: string): Emitted {
    const reason = `${name}() is over numbers: name the field of the records of \`${element}\`, as in ${name}(${element}.amount)`;
    return this.report('EXPRESSION_MATCH', node, { reason });
  }

  #namesElement(node: object): boolean {
    if ('type' in node && node.type === 'Identifier' && 'name' in node) return this.#elementOf(node.name as string) !== NONE;
    return Object.values(node).some((part: unknown) => typeof part === 'object' && part !== null && this.#namesElement(part));
  }

  /** What is known of the records that an element has taken. */
  #takenBy(name: string): RecordType | undefined {
    return this.scope.taken?.get(name) ?? this.scope.record;
  }

  #elementOf(name: string): number {
    return this.scope.elements?.indexOf(name) ?? NONE;
  }
}

/** What a path begins with; `undefined` where it is none. */
function baseOf(node: AnyExpression): Identifier | undefined {
  let here = unwrap(node);
  while (here.type === 'MemberExpression') here = unwrap(here.object);
  return here.type === 'Identifier' ? here : undefined;
}

/** Whether all levels of a path are names and numbers: one that is computed would be of another record than the one that is read. */
function isWrittenOut(path: AnyExpression): boolean {
  let here = unwrap(path);
  for (; here.type === 'MemberExpression'; here = unwrap(here.object)) {
    if (here.computed && unwrap(here.property).type !== 'Literal') return false;
  }
  return here.type === 'Identifier';
}

function isThere(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null;
}

function readFrom(value: JsonObject | undefined, read: Read): JsonValue | undefined {
  return value === undefined ? undefined : read(value);
}

function numbers(match: MatchView, element: number, read: Read): number[] {
  const found: number[] = [];
  for (const value of match.taken(element)) {
    const number = read(value);
    if (typeof number === 'number') found.push(number);
  }
  // From the first to the last, so that sums are those of the order in which they came.
  return found.reverse();
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function average(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : finite(sum(values) / values.length);
}

function extreme(values: readonly number[], better: (a: number, b: number) => number): number | undefined {
  let best: number | undefined;
  for (const value of values) best = best === undefined ? value : better(best, value);
  return best;
}
