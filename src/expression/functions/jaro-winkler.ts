/** What each of the first characters that are the same adds, of what is missing to 1 (W. E. Winkler, 1990). */
const PREFIX_WEIGHT = 0.1;
const LONGEST_PREFIX = 4;

/** Texts that are less alike than this get nothing for their beginning, as in Winkler's own program. */
const ALIKE = 0.7;

/**
 * How alike two short texts are, as names are: 0 (nothing in common) to 1 (the same). The similarity of M. A. Jaro (1989), raised by a common
 * beginning.
 */
export function jaroWinkler(a: string, b: string): number {
  const similarity = jaro(a, b);
  if (similarity <= ALIKE) return similarity;
  const longest = Math.min(LONGEST_PREFIX, a.length, b.length);
  let prefix = 0;
  while (prefix < longest && a.charCodeAt(prefix) === b.charCodeAt(prefix)) prefix += 1;
  return similarity + prefix * PREFIX_WEIGHT * (1 - similarity);
}

function jaro(a: string, b: string): number {
  if (a === b) return 1;
  // Characters are the same where they are not further apart than half of the longer text.
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const isTaken = new Uint8Array(b.length);
  const common: number[] = [];
  for (let i = 0; i < a.length; i += 1) {
    const code = a.charCodeAt(i);
    const last = Math.min(b.length - 1, i + reach);
    for (let j = Math.max(0, i - reach); j <= last; j += 1) {
      if (isTaken[j] === 1 || b.charCodeAt(j) !== code) continue;
      isTaken[j] = 1;
      common.push(code);
      break;
    }
  }
  const count = common.length;
  if (count === 0) return 0;
  const transposed = outOfOrder(common, b, isTaken) / 2;
  return (count / a.length + count / b.length + (count - transposed) / count) / 3;
}

/** How many of the common characters stand in another order in `b`. */
function outOfOrder(common: readonly number[], b: string, isTaken: Uint8Array): number {
  let different = 0;
  let next = 0;
  for (let j = 0; j < b.length; j += 1) {
    if (isTaken[j] === 0) continue;
    if (b.charCodeAt(j) !== common[next]) different += 1;
    next += 1;
  }
  return different;
}
