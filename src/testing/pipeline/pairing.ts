/** Which of the expected values is which of the actual ones: indices of both lists, one of them missing where it has no partner. */
export interface Pair {
  readonly expected: number | undefined;
  readonly actual: number | undefined;
}

/** Whether an expected and an actual value are the same. */
export type IsSame = (expected: number, actual: number) => boolean;

/**
 * Pairs two lists in their order: as many equal ones as can be, and what lies between two of them one by one, so that a value which
 * is missing does not make all that follow it wrong.
 */
export function pairInOrder(expected: number, actual: number, isSame: IsSame): Pair[] {
  const longest = Array.from({ length: expected + 1 }, () => new Int32Array(actual + 1));
  const at = (i: number, j: number): number => longest[i]?.[j] ?? 0;
  for (let i = expected - 1; i >= 0; i -= 1) {
    for (let j = actual - 1; j >= 0; j -= 1) {
      (longest[i] as Int32Array)[j] = isSame(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: Pair[] = [];
  let [gapI, gapJ] = [0, 0];
  const closeGap = (i: number, j: number): void => {
    for (; gapI < i || gapJ < j; gapI += 1, gapJ += 1)
      pairs.push({ expected: gapI < i ? gapI : undefined, actual: gapJ < j ? gapJ : undefined });
    gapI = i;
    gapJ = j;
  };
  for (let i = 0, j = 0; i < expected && j < actual; ) {
    if (isSame(i, j) && at(i, j) === at(i + 1, j + 1) + 1) {
      closeGap(i, j);
      pairs.push({ expected: i, actual: j });
      i += 1;
      j += 1;
      gapI = i;
      gapJ = j;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  closeGap(expected, actual);
  return pairs;
}

/** Pairs two lists whatever their order: as many equal ones as can be, then the others one by one. */
export function pairInAnyOrder(expected: number, actual: number, isSame: IsSame): Pair[] {
  const partnerOf = new Map<number, number>();
  const find = (i: number, tried: Set<number>): boolean => {
    for (let j = 0; j < actual; j += 1) {
      if (tried.has(j) || !isSame(i, j)) continue;
      tried.add(j);
      const other = partnerOf.get(j);
      if (other === undefined || find(other, tried)) {
        partnerOf.set(j, i);
        return true;
      }
    }
    return false;
  };
  const unpaired: number[] = [];
  for (let i = 0; i < expected; i += 1) if (!find(i, new Set())) unpaired.push(i);
  const pairs: Pair[] = [...partnerOf].map(([j, i]) => ({ expected: i, actual: j }));
  const left = Array.from({ length: actual }, (_, j) => j).filter((j) => !partnerOf.has(j));
  for (let n = 0; n < Math.max(unpaired.length, left.length); n += 1) pairs.push({ expected: unpaired[n], actual: left[n] });
  return pairs;
}
