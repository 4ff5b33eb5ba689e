import type { Skip } from './definition.ts';
import type { Run } from './run.ts';

/**
 * The number of the record that other matches may begin with at the earliest once `match` is emitted; undefined: they may all stay.
 * Flink's after-match skip strategies.
 */
export function skipsTo(skip: Skip, match: Run): number | undefined {
  if (!('element' in skip)) {
    if (skip.kind === 'no_skip') return undefined;
    return (skip.kind === 'to_next' ? match.first : match.taken.event).number + 1;
  }
  let found: number | undefined;
  for (let here: Run['taken'] | undefined = match.taken; here !== undefined; here = here.before) {
    if (here.element !== skip.element) continue;
    found = here.event.number;
    if (skip.kind === 'to_last') break;
  }
  // A match without the element skips nothing.
  return found;
}
