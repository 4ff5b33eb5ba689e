const WORD = /[\p{L}\p{N}]+/gu;

/**
 * How many of the trigrams of two texts both have, of all that one has: 0 to 1. Trigrams are those of pg_trgm (PostgreSQL): of words in lower
 * case, with two blanks before and one behind. 0 where neither has a word.
 */
export function trigramSimilarity(a: string, b: string): number {
  const ofA = trigramsOf(a);
  const ofB = trigramsOf(b);
  if (ofA.size === 0 || ofB.size === 0) return 0;
  let both = 0;
  for (const trigram of ofA) if (ofB.has(trigram)) both += 1;
  return both / (ofA.size + ofB.size - both);
}

function trigramsOf(text: string): ReadonlySet<string> {
  const trigrams = new Set<string>();
  for (const [word] of text.toLowerCase().matchAll(WORD)) {
    const padded = `  ${word} `;
    for (let i = 0; i + 3 <= padded.length; i += 1) trigrams.add(padded.slice(i, i + 3));
  }
  return trigrams;
}
