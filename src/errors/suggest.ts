/** A name is suggested only where at most this part of it differs: a third, as compilers do. */
const LONGEST_DISTANCE = 1 / 3;

/** Names longer than this are not compared: nobody mistypes them by a letter, and the work grows with their square. */
const LONGEST_NAME = 100;

/** The number of letters to insert, delete, replace or swap with their neighbour to turn `a` into `b` (Damerau-Levenshtein, adjacent swaps). */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, (beforePrevious[j - 2] ?? 0) + 1);
      current.push(least);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The candidate that `name` was most likely meant to be, for "did you mean"; `undefined` where none is near. */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const wanted = plain(name);
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate === name || candidate.length > LONGEST_NAME) continue;
    const allowed = Math.max(1, Math.floor(Math.max(name.length, candidate.length) * LONGEST_DISTANCE));
    if (Math.abs(candidate.length - name.length) > allowed + 1) continue;
    const distance = editDistance(wanted, plain(candidate));
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `startsWith`, `starts-with` and `starts_with` are one name to the person who types them. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}
