import type { JsonObject } from '../../record/json.ts';

/** A record that is part of a match, or may become it. */
export interface KeptEvent {
  /** Its number among the records of its key, in their order. */
  readonly number: number;
  /** What it is known by in ids of results. */
  readonly id: string;
  /** Event time in ms. */
  readonly time: number;
  /** What is asked of it later. */
  readonly value: JsonObject;
}

/** A record taken by an element, behind those taken before. Ways that part later have their beginning in common. */
export interface Taken {
  readonly element: number;
  readonly event: KeptEvent;
  readonly before: Taken | undefined;
}

/** A partial match: where it stands, and what it has taken. */
export interface Run {
  /** The number of its state. */
  readonly state: number;
  readonly taken: Taken;
  /** The first record taken. */
  readonly first: KeptEvent;
}

/** What a key has of partial matches. Never changed. */
export interface KeyRuns {
  /** In the order of their first records; of one first record, in that in which they were made. */
  readonly runs: readonly Run[];
  /** Matches that are complete, and wait because one that began earlier might rule them out. */
  readonly complete: readonly Run[];
  /** The number of the next record. */
  readonly next: number;
  /** When the first of them is over by its time; Infinity: never. */
  readonly due: number;
}

/** The value of the last record that an element has taken. */
export function lastTaken(taken: Taken | undefined, element: number): JsonObject | undefined {
  for (let here = taken; here !== undefined; here = here.before) if (here.element === element) return here.event.value;
  return undefined;
}

/** The values of all records that an element has taken, the last first. */
export function allTaken(taken: Taken | undefined, element: number): JsonObject[] {
  const values: JsonObject[] = [];
  for (let here = taken; here !== undefined; here = here.before) if (here.element === element) values.push(here.event.value);
  return values;
}
