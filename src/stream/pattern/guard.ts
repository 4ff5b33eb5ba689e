import type { Look } from './look.ts';

/** Whether a transition is open to the record that is looked at. `undefined` in its place: always. */
export type Guard = (look: Look) => boolean;

export function not(guard: Guard | undefined): Guard {
  return guard === undefined ? () => false : (look) => !guard(look);
}

export function and(a: Guard | undefined, b: Guard | undefined): Guard | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : (look) => a(look) && b(look);
}

export function andNot(until: Guard | undefined, guard: Guard | undefined): Guard | undefined {
  return until === undefined ? guard : and(not(until), guard);
}
