import { editDistance } from '../errors/suggest.ts';
import { FOREIGN_WORDS } from './foreign-words.ts';

/** A part of a name shorter than this says nothing. */
const SHORTEST_PART = 3;

/** The candidate that was probably meant: called so in another tool, a longer or shorter form of it, or mistyped. */
export function nearest(written: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates];
  const foreign = FOREIGN_WORDS.get(written)?.find((word) => all.includes(word));
  return all.find((candidate) => alike(written, candidate)) ?? foreign ?? onlyForm(written, all) ?? mistyped(written, all);
}

function mistyped(written: string, candidates: readonly string[]): string | undefined {
  const limit = written.length <= 4 ? 1 : Math.min(3, Math.ceil(written.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    // So many letters at least would have to be put in or taken out.
    if (Math.abs(written.length - candidate.length) > limit) continue;
    const distance = editDistance(written.toLowerCase(), candidate.toLowerCase());
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

/** The only candidate that begins with what was written (`user`: `username`), or that it has whole words around (`retention.ms`). */
function onlyForm(written: string, candidates: readonly string[]): string | undefined {
  const forms = candidates.filter(
    (candidate) =>
      Math.min(written.length, candidate.length) >= SHORTEST_PART &&
      written !== candidate &&
      (candidate.startsWith(written) || hasWords(written, candidate)),
  );
  return forms.length === 1 ? forms[0] : undefined;
}

function hasWords(written: string, candidate: string): boolean {
  return ['_', '-', '.'].some((sign) => written.startsWith(candidate + sign) || written.endsWith(sign + candidate));
}
