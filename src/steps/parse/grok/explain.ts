import { ParseFailure } from '../parser.ts';
import { type Definitions, REFERENCE } from './expand.ts';
import { compilePattern, type GrokPattern, NO_MATCH, TOO_SLOW } from './grok-pattern.ts';

/** A beginning of a pattern, and the part that comes after it. */
interface Beginning {
  readonly source: string;
  readonly next: string;
  compiled?: GrokPattern;
}

/** A longer text is not searched for where it stops matching: that takes several matches. */
const LONGEST_EXPLAINED = 2000;

/**
 * Makes what says where a pattern stops matching: it tries the pattern's beginnings, cut at its references, from the
 * longest on. They are compiled when a text first fails.
 */
export function explain(pattern: string, definitions: Definitions): (text: string) => ParseFailure {
  let beginnings: readonly Beginning[] | undefined;
  return (text) => {
    if (text.length > LONGEST_EXPLAINED) return NO_MATCH;
    beginnings ??= beginningsOf(pattern);
    for (const beginning of beginnings) {
      beginning.compiled ??= compilePattern(beginning.source, definitions);
      const result = beginning.compiled.match(text);
      if (result === TOO_SLOW) return NO_MATCH;
      if (result !== NO_MATCH) return stopsAt(beginning);
    }
    return NO_MATCH;
  };
}

function stopsAt({ source, next }: Beginning): ParseFailure {
  return new ParseFailure(`the pattern matches as far as ${endOf(source)}, and then the text is not ${quoted(next)}`);
}

const LONGEST_QUOTED = 60;

const quoted = (piece: string): string => (piece.length > LONGEST_QUOTED ? `${piece.slice(0, LONGEST_QUOTED)}...` : piece);

/** The end of a beginning, from a reference on where it has one: half a reference is hard to read. */
function endOf(piece: string): string {
  if (piece.length <= LONGEST_QUOTED) return piece;
  const end = piece.slice(-LONGEST_QUOTED);
  return `...${end.slice(Math.max(0, end.indexOf('%{')))}`;
}

/** The pattern cut before and after each of its references that stands in no group; none where it has alternatives. */
function beginningsOf(pattern: string): readonly Beginning[] {
  const cuts: number[] = [];
  let depth = 0;
  for (let at = 0; at < pattern.length; ) {
    const character = pattern[at];
    REFERENCE.lastIndex = at;
    const reference = character === '%' ? REFERENCE.exec(pattern) : null;
    if (reference !== null) {
      if (depth === 0) cuts.push(at, at + reference[0].length);
      at += reference[0].length;
      continue;
    }
    if (character === '(' || character === '[') depth += 1;
    if (character === ')' || character === ']') depth -= 1;
    if (character === '|' && depth === 0) return [];
    at += character === '\\' ? 2 : 1;
  }
  const ends = [...new Set(cuts)].filter((cut) => cut > 0);
  return ends
    .map((cut, i) => ({ source: pattern.slice(0, cut), next: pattern.slice(cut, ends[i + 1] ?? pattern.length) }))
    .filter(({ next }) => next !== '')
    .toReversed();
}
