import { editDistance } from '../errors/suggest.ts';

/** The candidate nearest to what was written, where it is near enough to have been meant. */
export function nearest(written: string, candidates: Iterable<string>): string | undefined {
  const limit = written.length <= 3 ? 1 : Math.min(3, Math.ceil(written.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    // So many letters at least would have to be put in or taken out.
    if (Math.abs(written.length - candidate.length) > limit && !alike(written, candidate)) continue;
    const distance = alike(written, candidate) ? 0.5 : editDistance(written.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Equal but for case and separators, as people write them from memory: `dataStream`, `data-stream`, `data_stream`. */
function alike(a: string, b: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.\s]/g, '');
  return a !== b && plain(a) === plain(b);
}
