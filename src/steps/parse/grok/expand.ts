import { suggest } from '../../../errors/suggest.ts';
import { type Capture, readCapture } from './capture.ts';
import { PatternError } from './pattern-error.ts';

/** Named patterns: the library's and the user's own. */
export type Definitions = ReadonlyMap<string, string>;

/** A grok pattern in which every reference is replaced: a regular expression with numbered groups, and what they capture. */
export interface Expanded {
  readonly source: string;
  /** The first fills the field of group 1, and so on. */
  readonly captures: readonly Capture[];
}

/** References can double at every level; a pattern that grows larger is a mistake. The library's largest has 60,000. */
const LONGEST_SOURCE = 200_000;

/** `%{NAME}`, `%{NAME:field}` and `%{NAME:field:type}`. A remark after ` - ` is passed over, as Logstash's own tests have them. */
export const REFERENCE = /%\{([\w-]+?)(?: - [^}:]*)?(?::([^}:]+)(?::([^}:]+))?)?\}/y;
const NAMED_GROUP = /\(\?(?:<(?![=!])([^>]+)>|'([^']+)')/y;
const BACKREFERENCE = /\\k(?:<([^>]+)>|'([^']+)')/y;
const POSIX_CLASS = /\[:\^?[a-z]+:\]/y;

/** Replaces the references in `pattern`, and those in what they refer to. Throws a {@link PatternError}. */
export function expand(pattern: string, definitions: Definitions): Expanded {
  return new Expansion(definitions).of(pattern);
}

class Expansion {
  readonly #definitions: Definitions;
  readonly #captures: Capture[] = [];
  /** The number of the group that has a name, for references back to it. */
  readonly #numbers = new Map<string, number>();
  /** The names that are being replaced, outermost first. */
  readonly #within: string[] = [];
  #source = '';

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  of(pattern: string): Expanded {
    this.#append(pattern);
    return { source: this.#source, captures: this.#captures };
  }

  #append(text: string): void {
    let at = 0;
    while (at < text.length) at = this.#piece(text, at);
    if (this.#source.length > LONGEST_SOURCE) {
      throw new PatternError(`grows to more than ${LONGEST_SOURCE} characters once its references are replaced`);
    }
  }

  /** Appends what begins at `at`, and returns where the next piece begins. */
  #piece(text: string, at: number): number {
    switch (text[at]) {
      case '\\':
        return this.#escape(text, at);
      case '[':
        return this.#characterClass(text, at);
      case '(':
        return this.#group(text, at);
      case '%':
        if (text[at + 1] === '{') return this.#reference(text, at);
    }
    this.#source += text[at];
    return at + 1;
  }

  #escape(text: string, at: number): number {
    const next = text[at + 1] ?? '';
    if (next === 'k') {
      const name = matchAt(BACKREFERENCE, text, at);
      const number = this.#numbers.get(name?.[1] ?? name?.[2] ?? '');
      if (name === null || number === undefined)
        throw new PatternError(`refers back to a group that is not before it, ${text.slice(at, at + 20)}`);
      this.#source += `(?:\\${number})`;
      return at + name[0].length;
    }
    if (next >= '1' && next <= '9') {
      throw new PatternError(
        `refers back by a number, \\${next}; references change the numbers, so name the group, (?<name>...), and write \\k<name>`,
      );
    }
    if (next === 'g')
      throw new PatternError('calls a group, \\g, which is not supported; define a pattern of its own under pattern_definitions');
    this.#source += text.slice(at, at + 2);
    return at + 2;
  }

  #characterClass(text: string, start: number): number {
    let at = start + 1;
    if (text[at] === '^') at += 1;
    if (text[at] === ']') at += 1;
    let depth = 1;
    while (depth > 0) {
      if (at >= text.length) throw new PatternError(`has a [ without its ], ${JSON.stringify(text.slice(start, start + 20))}`);
      const posix = matchAt(POSIX_CLASS, text, at);
      if (posix !== null) at += posix[0].length;
      else if (text[at] === '\\') at += 2;
      else {
        if (text[at] === '[') depth += 1;
        if (text[at] === ']') depth -= 1;
        at += 1;
      }
    }
    this.#source += text.slice(start, at);
    return at;
  }

  /** A group with a name captures; any other is a group only, as in Ruby where a pattern has names. */
  #group(text: string, at: number): number {
    if (text[at + 1] !== '?') {
      this.#source += '(?:';
      return at + 1;
    }
    const named = matchAt(NAMED_GROUP, text, at);
    if (named === null) {
      this.#source += '(?';
      return at + 2;
    }
    this.#open((named[1] ?? named[2]) as string);
    return at + named[0].length;
  }

  #open(name: string, type?: string): void {
    this.#captures.push(readCapture(name, type));
    if (!this.#numbers.has(name)) this.#numbers.set(name, this.#captures.length);
    this.#source += '(';
  }

  #reference(text: string, at: number): number {
    const reference = matchAt(REFERENCE, text, at);
    if (reference === null) {
      throw new PatternError(
        `has ${JSON.stringify(text.slice(at, at + 30))}, which is no reference; write %{NAME}, %{NAME:field} or %{NAME:field:type}, and %\\{ for the characters`,
      );
    }
    const [whole, name = '', field, type] = reference;
    const definition = this.#definitions.get(name);
    if (definition === undefined) throw this.#unknown(name);
    if (this.#within.includes(name)) {
      throw new PatternError(`refers to itself: ${[...this.#within.slice(this.#within.indexOf(name)), name].join(' > ')}`);
    }
    if (field === undefined) this.#source += '(?:';
    else this.#open(field, type);
    this.#within.push(name);
    this.#append(definition);
    this.#within.pop();
    this.#source += ')';
    return at + whole.length;
  }

  #unknown(name: string): PatternError {
    const near = suggest(name, this.#definitions.keys());
    const within = this.#within.at(-1);
    return new PatternError(
      `uses %{${name}}${within === undefined ? '' : ` (in ${within})`}, and there is no such pattern${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  }
}

function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(text);
}
