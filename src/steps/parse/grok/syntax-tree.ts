import { ALL, type CharacterSet, setOf, setOfClass } from './character-set.ts';

/**
 * A regular expression as far as its running time needs it: what repeats, and which characters it takes. It is read
 * from Oniguruma's and JavaScript's common syntax; an atomic group counts as a plain one.
 */
export type Node =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'alternatives'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly least: number; readonly most: number }
  /** A test that takes no character: an anchor, or a look around, whose inside costs time too. */
  | { readonly kind: 'test'; readonly of?: Node | undefined; readonly anchor?: 'line' | 'text' | undefined };

const QUANTIFIER = /(?:([*+?])|\{(\d*)(?:(,)(\d*))?\})[?+]?/y;
const GROUP_HEAD = /\?(?:<?[=!]|>|:|[a-z-]*:|~)/y;
const FLAGS_OR_COMMENT = /\?(?:[a-z-]+\)|#[^)]*\))/y;

/** Reads an expanded pattern. It never fails: what it does not know may take any character. */
export function readTree(source: string): Node {
  return new TreeReader(source).alternatives();
}

class TreeReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  alternatives(): Node {
    const parts = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at += 1;
      parts.push(this.#sequence());
    }
    return parts.length === 1 ? (parts[0] as Node) : { kind: 'alternatives', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] as string)) {
      parts.push(this.#quantified(this.#atom()));
    }
    return parts.length === 1 ? (parts[0] as Node) : { kind: 'sequence', parts };
  }

  #quantified(atom: Node): Node {
    let node = atom;
    for (let found = this.#take(QUANTIFIER); found !== null; found = this.#take(QUANTIFIER)) {
      const [, sign, least, comma, most] = found;
      if (sign === undefined && !least && !most) return { kind: 'sequence', parts: [node, { kind: 'set', set: ALL }] };
      const from = sign === undefined ? Number(least || 0) : sign === '+' ? 1 : 0;
      const open = sign === undefined ? comma !== undefined && !most : sign !== '?';
      const to = open ? Number.POSITIVE_INFINITY : sign === '?' ? 1 : Number(most || least);
      node = { kind: 'repeat', of: node, least: from, most: to };
    }
    return node;
  }

  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#source);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #atom(): Node {
    const character = this.#source[this.#at] as string;
    this.#at += 1;
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'set', set: setOfClass(this.#restOfClass()) };
      case '\\':
        return this.#escape();
      case '.':
        return { kind: 'set', set: ALL };
      case '^':
        return { kind: 'test', anchor: 'line' };
      case '$':
        return { kind: 'test' };
      default:
        return { kind: 'set', set: setOf(character) };
    }
  }

  #group(): Node {
    if (this.#take(FLAGS_OR_COMMENT) !== null) return { kind: 'sequence', parts: [] };
    const head = this.#take(GROUP_HEAD)?.[0] ?? '';
    const inside = this.alternatives();
    this.#at += 1;
    return /[=!]/.test(head) ? { kind: 'test', of: inside } : inside;
  }

  #restOfClass(): string {
    const start = this.#at - 1;
    for (let depth = 1; depth > 0 && this.#at < this.#source.length; this.#at += 1) {
      const character = this.#source[this.#at];
      if (character === '\\') this.#at += 1;
      else if (character === '[') depth += 1;
      else if (character === ']') depth -= 1;
    }
    return this.#source.slice(start, this.#at);
  }

  #escape(): Node {
    const character = this.#source[this.#at] ?? '';
    this.#at += 1;
    if (character === 'A') return { kind: 'test', anchor: 'text' };
    if ('bBzZG'.includes(character)) return { kind: 'test' };
    if (/[dDwWsStnrfv]/.test(character)) return { kind: 'set', set: setOfClass(`\\${character}`) };
    if (character === 'h') return { kind: 'set', set: setOfClass('[0-9a-fA-F]') };
    if (character === 'x' && /^[0-9a-fA-F]{2}/.test(this.#source.slice(this.#at))) {
      this.#at += 2;
      return { kind: 'set', set: setOfClass(`\\x${this.#source.slice(this.#at - 2, this.#at)}`) };
    }
    return /[0-9a-zA-Z]/.test(character) ? ANYTHING : { kind: 'set', set: setOf(character) };
  }
}

/** A reference back, or an escape that is not known here. */
const ANYTHING: Node = { kind: 'repeat', of: { kind: 'set', set: ALL }, least: 0, most: Number.POSITIVE_INFINITY };
