import type { Callable, ParameterType } from '../../../src/expression/functions/definition.ts';
import { functionAreas } from '../../../src/expression/index.ts';
import type { OptionLanguage } from '../../../src/sdk/option.ts';
import { aggregateFunctions } from '../../../src/stream/aggregate/functions.ts';
import type { Random } from '../../support/random.ts';
import { FIELDS, FOREIGN, HOSTILE, METADATA, NUMBERS, OPERATORS, PATTERNS, TEXTS } from './words.ts';

const FUNCTIONS: readonly Callable[] = Object.values(functionAreas).flat();
const OF_AN_ELEMENT = ['count', 'sum', 'avg', 'min', 'max', 'first', 'last'];

/** The elements of the pattern over which expressions of a match are. */
export const ELEMENTS = ['small', 'big'];

const DEEPEST = 5;
const ANY: readonly ParameterType[] = ['string', 'number', 'boolean', 'array', 'object', 'any'];

/** Writes texts of a language by its grammar; some of them with a mistake somewhere. */
export class Writer {
  readonly #random: Random;
  readonly #language: OptionLanguage;

  constructor(random: Random, language: OptionLanguage) {
    this.#random = random;
    this.#language = language;
  }

  text(): string {
    const written = this.#written();
    return this.#random.chance(0.25) ? this.#mistaken(written) : written;
  }

  #written(): string {
    if (this.#language === 'map')
      return this.#many(1, 5, () => this.#statement()).join(this.#random.of(['\n', '\n\n', '\n# note\n', ' // note\n']));
    if (this.#language === 'template' || this.#language === 'url') return this.#template();
    return this.#random.chance(0.02) ? this.#deep() : this.#value('any', 0);
  }

  #template(): string {
    const literal = (): string =>
      this.#random.of(['', ' ', 'logs-', 'https://h/', '?q=', '\\{{', '\\\\', '}', '{', '\\', 'ü', '\n']);
    const parts = this.#many(0, 3, () => `{{${this.#random.of([' ', '', '\n'])}${this.#value('any', 2)} }}${literal()}`);
    return this.#random.chance(0.3) ? parts.join('') : literal() + parts.join('');
  }

  #statement(): string {
    const target = this.#random.chance(0.9) ? this.#path() : this.#value('any', 3);
    return this.#random.chance(0.2) ? `delete ${target}` : `${target} = ${this.#value('any', 1)}`;
  }

  /** Many levels of the same. */
  #deep(): string {
    const [before, after] = this.#random.of([
      ['(', ')'],
      ['[', ']'],
      ['!', ''],
      ['-', ''],
      ['lower(', ')'],
      ['a ? b : ', ''],
      ['a + ', ''],
      ['a || ', ''],
      ['{ a: ', '}'],
      ['a[', ']'],
    ] as const);
    const levels = this.#random.of([10, 90, 245, 255, 1200, 4000]);
    return before.repeat(levels) + this.#value('any', DEEPEST) + after.repeat(levels);
  }

  /** Something of the type, mostly: now and then it is of another. */
  #value(type: ParameterType, depth: number): string {
    if (type === 'regexp' || (type === 'string or regexp' && this.#random.chance(0.5))) {
      return this.#random.chance(0.9) ? this.#random.of(PATTERNS) : this.#value('string', depth);
    }
    if (this.#random.chance(0.08)) return this.#value(this.#random.of(ANY), depth + 1);
    if (depth >= DEEPEST || this.#random.chance(0.25)) return this.#random.chance(0.5) ? this.#literal(type) : this.#path();
    const choice = this.#random.next();
    if (choice < 0.4) return this.#call(type, depth + 1);
    if (choice < 0.7) return this.#operation(type, depth + 1);
    if (choice < 0.8)
      return `${this.#value('boolean', depth + 1)} ? ${this.#value(type, depth + 1)} : ${this.#value(type, depth + 1)}`;
    if (choice < 0.9) return `(${this.#value(type, depth + 1)})`;
    return `(${this.#value('any', depth + 1)})${this.#level(depth + 1)}`;
  }

  #operation(type: ParameterType, depth: number): string {
    const operand = (of: ParameterType): string =>
      this.#random.chance(0.4) ? `(${this.#value(of, depth)})` : this.#value(of, depth);
    switch (type) {
      case 'number':
        return this.#random.chance(0.1)
          ? `-${operand('number')}`
          : `${operand('number')} ${this.#random.of(['+', '-', '*', '/', '%', '**'])} ${operand('number')}`;
      case 'string':
        return `${operand('string')} + ${operand('any')}`;
      case 'boolean':
        if (this.#random.chance(0.15)) return `!${operand('boolean')}`;
        if (this.#random.chance(0.2)) return `${operand('any')} in ${operand(this.#random.of(['array', 'object', 'string']))}`;
        return `${operand('any')} ${this.#random.of(['<', '<=', '>', '>=', '===', '!==', '&&', '||'])} ${operand('any')}`;
      default:
        return `${operand('any')} ${this.#random.of(OPERATORS)} ${operand('any')}`;
    }
  }

  #call(type: ParameterType, depth: number): string {
    if (this.#language === 'match' && this.#random.chance(0.4)) {
      const element = this.#random.of(ELEMENTS);
      return `${this.#random.of(OF_AN_ELEMENT)}(${element}${this.#random.chance(0.8) ? this.#level(depth) : ''})`;
    }
    const callables = this.#language === 'aggregate' && this.#random.chance(0.5) ? aggregateFunctions : FUNCTIONS;
    const fitting =
      type === 'any' || this.#random.chance(0.1)
        ? callables
        : callables.filter(({ returns }) => returns === type || returns === 'any');
    return this.#callOf(this.#random.of(fitting.length === 0 ? callables : fitting), depth);
  }

  #callOf({ name, parameters }: Callable, depth: number): string {
    const values = parameters.flatMap(({ type, optional, rest, constant }) => {
      if (rest) return this.#many(0, 3, () => this.#value(type, depth));
      if (optional && this.#random.chance(0.5)) return [];
      return [constant ? this.#random.of(NUMBERS) : this.#value(type, depth)];
    });
    if (this.#random.chance(0.04)) values.push(this.#value('any', depth));
    if (this.#random.chance(0.04)) values.pop();
    return `${this.#random.chance(0.02) ? this.#misspelt(name) : name}(${values.join(', ')})`;
  }

  #literal(type: ParameterType): string {
    switch (type) {
      case 'number':
        return this.#random.of(NUMBERS);
      case 'boolean':
        return this.#random.of(['true', 'false']);
      case 'array':
        return `[${this.#many(0, 3, () => this.#literal('any')).join(', ')}]`;
      case 'object':
        return `{ ${this.#many(0, 2, () => `${this.#key()}: ${this.#literal('any')}`).join(', ')} }`;
      case 'any':
        return this.#random.chance(0.1)
          ? 'null'
          : this.#literal(this.#random.of(['string', 'number', 'boolean', 'array', 'object']));
      default:
        return this.#quoted(this.#random.of(TEXTS));
    }
  }

  #quoted(text: string): string {
    return this.#random.chance(0.5)
      ? JSON.stringify(text)
      : `'${text.replaceAll(/[\\'\n\u2028]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
  }

  #key(): string {
    return this.#random.chance(0.2)
      ? this.#quoted(this.#random.of(TEXTS))
      : this.#random.chance(0.1)
        ? `[${this.#quoted('a')}]`
        : this.#name();
  }

  #name(): string {
    return this.#random.chance(0.06) ? this.#random.of(HOSTILE) : this.#random.of(FIELDS);
  }

  #path(): string {
    const isMatch = this.#language === 'match' && this.#random.chance(0.3);
    const base = isMatch ? this.#random.of(ELEMENTS) : this.#random.chance(0.2) ? this.#random.of(METADATA) : this.#name();
    return base + this.#many(0, 2, () => this.#level(DEEPEST)).join('');
  }

  #level(depth: number): string {
    const choice = this.#random.next();
    if (choice < 0.6) return `.${this.#name()}`;
    if (choice < 0.75) return `[${this.#random.of(['0', '1', '-1', '4294967296', '0.5', '1e21'])}]`;
    if (choice < 0.9) return `[${this.#quoted(this.#random.chance(0.5) ? this.#random.of(TEXTS) : this.#name())}]`;
    const hidden = this.#random.of(HOSTILE);
    return this.#random.of([
      `['${hidden.slice(0, 2)}' + '${hidden.slice(2)}']`,
      `[lower('${hidden}')]`,
      `[${this.#value('any', depth + 1)}]`,
    ]);
  }

  #misspelt(name: string): string {
    const at = this.#random.below(name.length);
    return name.slice(0, at) + this.#random.of(['', 'x', name[at] + (name[at] as string)]) + name.slice(at + 1);
  }

  /** The text with a mistake or two: something cut, doubled, moved, or put in that is not of the language. */
  #mistaken(text: string): string {
    let mistaken = text;
    for (let i = this.#random.below(2); i >= 0; i -= 1) {
      const at = this.#random.below(mistaken.length + 1);
      const cut = this.#random.chance(0.5) ? this.#random.below(6) : 0;
      const put = this.#random.of([
        '',
        mistaken.slice(at, at + this.#random.below(10)),
        this.#random.of(FOREIGN),
        ` ${this.#random.of(FOREIGN)} `,
        this.#random.of(HOSTILE),
        String.fromCharCode(this.#random.below(0x1_0000)),
      ]);
      mistaken = mistaken.slice(0, at) + put + mistaken.slice(at + cut);
    }
    return mistaken;
  }

  #many<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.#random.below(most - least + 1) }, make);
  }
}
