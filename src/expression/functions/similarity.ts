import type { Argument, ExpressionFunction } from './definition.ts';
import { levenshtein } from './edit-distance.ts';
import { jaroWinkler } from './jaro-winkler.ts';
import { soundex } from './soundex.ts';
import { trigramSimilarity } from './trigrams.ts';

/** UTF-16 code units of a text where the work grows with the product of both lengths. */
const LONGEST_NAME = 256;
const LONGEST_TEXT = 10_000;

const TWO_TEXTS = [
  { name: 'a', type: 'string' },
  { name: 'b', type: 'string' },
] as const;

/** Functions that say how alike two texts are. Upper and lower case differ, but for trigrams and sounds. */
export const similarityFunctions: readonly ExpressionFunction[] = [
  {
    name: 'levenshtein',
    summary:
      'How many characters have to be inserted, deleted or replaced to make one text of the other; missing where one is longer than 256 characters.',
    parameters: TWO_TEXTS,
    returns: 'number',
    example: { text: "levenshtein('kitten', 'sitting')", result: 3 },
    call: (a: Argument, b: Argument) => (areWithin(LONGEST_NAME, a, b) ? levenshtein(a as string, b as string) : undefined),
  },
  {
    name: 'jaro_winkler',
    summary:
      'How alike two names are, 0 to 1 (the same), by the characters that both have and by their beginning (Jaro and Winkler); missing where one is longer than 256 characters.',
    parameters: TWO_TEXTS,
    returns: 'number',
    example: { text: "round(jaro_winkler('MARTHA', 'MARHTA'), 4)", result: 0.9611 },
    call: (a: Argument, b: Argument) => (areWithin(LONGEST_NAME, a, b) ? jaroWinkler(a as string, b as string) : undefined),
  },
  {
    name: 'trigram_similarity',
    summary:
      'How alike two texts are, 0 to 1, by the trigrams of their words, as `similarity` of pg_trgm in PostgreSQL; missing where one is longer than 10,000 characters.',
    parameters: TWO_TEXTS,
    returns: 'number',
    example: { text: "round(trigram_similarity('word', 'words'), 4)", result: 0.5714 },
    call: (a: Argument, b: Argument) => (areWithin(LONGEST_TEXT, a, b) ? trigramSimilarity(a as string, b as string) : undefined),
  },
  {
    name: 'soundex',
    summary:
      'The American Soundex code of a name, the same for names that sound alike in English; missing where it has no letter from A to Z, or more than 256 characters.',
    parameters: [{ name: 'name', type: 'string' }],
    returns: 'string',
    example: { text: "soundex('Robert')", result: 'R163' },
    call: (name: Argument) => (areWithin(LONGEST_NAME, name, '') ? soundex(name as string) : undefined),
  },
];

function areWithin(longest: number, a: Argument, b: Argument): boolean {
  return typeof a === 'string' && typeof b === 'string' && a.length <= longest && b.length <= longest;
}
