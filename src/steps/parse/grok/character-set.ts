/** A set of characters: one bit for each of ASCII, and one for all others together. */
export type CharacterSet = bigint;

const ASCII = 128;
const OTHERS = 1n << BigInt(ASCII);

export const NONE: CharacterSet = 0n;
export const ALL: CharacterSet = (1n << BigInt(ASCII + 1)) - 1n;

export function setOf(character: string): CharacterSet {
  const code = character.charCodeAt(0);
  return code < ASCII ? 1n << BigInt(code) : OTHERS;
}

/** A class that names characters beyond ASCII. */
const BEYOND_ASCII = /[^\0-\x7f]|\\(?:u|p|P|x[89a-fA-F])/;
/** A letter, an ideograph, blanks, and half of a pair: what negated classes and \s take. */
const SAMPLES = ['ä', '中', '\u00a0', '\u2028', '\ud83d'];

const known = new Map<string, CharacterSet>();
const MOST_KNOWN = 1000;

/** The characters that an expression for one character takes: `\s`, `[a-z_]`. One that is no JavaScript takes all. */
export function setOfClass(source: string): CharacterSet {
  const before = known.get(source);
  if (before !== undefined) return before;
  let expression: RegExp;
  try {
    expression = new RegExp(`^${source}$`, 's');
  } catch {
    return ALL;
  }
  let set = BEYOND_ASCII.test(source) || SAMPLES.some((sample) => expression.test(sample)) ? OTHERS : NONE;
  for (let code = 0; code < ASCII; code += 1) if (expression.test(String.fromCharCode(code))) set |= 1n << BigInt(code);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(source, set);
  return set;
}

/** The character of a set of one; `undefined` for any other. */
function onlyCharacter(set: CharacterSet): string | undefined {
  if (set === NONE || (set & (set - 1n)) !== 0n || set === OTHERS) return undefined;
  return String.fromCharCode(set.toString(2).length - 1);
}

/** Counts, in a text, the characters of one set that a character of another one follows, or the end. */
export type PairCounter = (text: string) => number;

export function pairCounter(first: CharacterSet, second: CharacterSet): PairCounter {
  const follows = tableOf(second);
  const any = second === ALL;
  const only = onlyCharacter(first);
  const begins = tableOf(first);
  const fits = (text: string, at: number): boolean => any || at >= text.length || isIn(follows, text.charCodeAt(at));
  if (only !== undefined) {
    return (text) => {
      let count = 0;
      for (let at = text.indexOf(only); at >= 0; at = text.indexOf(only, at + 1)) if (fits(text, at + 1)) count += 1;
      return count;
    };
  }
  if (first === ALL && any) return (text) => text.length;
  return (text) => {
    let count = 0;
    for (let at = 0; at < text.length; at += 1) if (isIn(begins, text.charCodeAt(at)) && fits(text, at + 1)) count += 1;
    return count;
  };
}

function tableOf(set: CharacterSet): Uint8Array {
  return Uint8Array.from({ length: ASCII + 1 }, (_, code) => Number((set >> BigInt(code)) & 1n));
}

function isIn(table: Uint8Array, code: number): boolean {
  return table[Math.min(code, ASCII)] === 1;
}
