/**
 * How many characters (UTF-16 code units) have to be inserted, deleted or replaced to make one text of the other (V. I. Levenshtein, 1966). The
 * work grows with the product of the lengths.
 */
export function levenshtein(a: string, b: string): number {
  let start = 0;
  let [endA, endB] = [a.length, b.length];
  // What both begin and end with takes no edits.
  while (start < endA && start < endB && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  while (endA > start && endB > start && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) {
    endA -= 1;
    endB -= 1;
  }
  if (endA === start || endB === start) return endA - start + (endB - start);
  /** Edits from what is looked at of `a` to the first characters of `b`, for each number of these. */
  const row = new Uint16Array(endB - start + 1);
  for (let j = 1; j < row.length; j += 1) row[j] = j;
  for (let i = start; i < endA; i += 1) {
    let diagonal = row[0] as number;
    row[0] = i - start + 1;
    for (let j = 1; j < row.length; j += 1) {
      const above = row[j] as number;
      const replaced = diagonal + (a.charCodeAt(i) === b.charCodeAt(start + j - 1) ? 0 : 1);
      row[j] = Math.min(replaced, above + 1, (row[j - 1] as number) + 1);
      diagonal = above;
    }
  }
  return row[row.length - 1] as number;
}
