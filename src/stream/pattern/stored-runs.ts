import type { JsonObject, JsonValue } from '../../record/json.ts';
import type { KeptEvent, KeyRuns, Run, Taken } from './run.ts';

type StoredEvent = [number: number, id: string, time: number, value: JsonObject];
type StoredTaken = [element: number, event: number, before: number];
type StoredRun = [state: number, taken: number, first: number];
type Stored = [next: number, events: StoredEvent[], taken: StoredTaken[], runs: StoredRun[], complete: StoredRun[]];

/** What stands before the first. */
const NOTHING = -1;

/** The partial matches of a key as they are stored: what they share is there once. A format. */
export function encodeRuns({ runs, complete, next }: KeyRuns): JsonValue {
  const events: StoredEvent[] = [];
  const taken: StoredTaken[] = [];
  const eventPlaces = new Map<KeptEvent, number>();
  const takenPlaces = new Map<Taken, number>();
  const placeOfEvent = (event: KeptEvent): number => {
    const known = eventPlaces.get(event);
    if (known !== undefined) return known;
    eventPlaces.set(event, events.length);
    return events.push([event.number, event.id, event.time, event.value]) - 1;
  };
  // From the first to the last, without recursion: a match may be long.
  const placeOf = (last: Taken): number => {
    const missing: Taken[] = [];
    let here: Taken | undefined = last;
    for (; here !== undefined && !takenPlaces.has(here); here = here.before) missing.push(here);
    let before = here === undefined ? NOTHING : (takenPlaces.get(here) as number);
    for (const one of missing.reverse()) {
      before = taken.push([one.element, placeOfEvent(one.event), before]) - 1;
      takenPlaces.set(one, before);
    }
    return before;
  };
  const store = (run: Run): StoredRun => [run.state, placeOf(run.taken), placeOfEvent(run.first)];
  const stored: Stored = [next, events, taken, runs.map(store), complete.map(store)];
  return stored;
}

/** `dueAt`: when a partial match is over by its time. */
export function decodeRuns(from: JsonValue, dueAt: (run: Run) => number): KeyRuns {
  const [next, storedEvents, storedTaken, storedRuns, storedComplete] = from as Stored;
  const events = storedEvents.map(([number, id, time, value]): KeptEvent => ({ number, id, time, value }));
  const taken: Taken[] = [];
  for (const [element, event, before] of storedTaken)
    taken.push({ element, event: events[event] as KeptEvent, before: before === NOTHING ? undefined : taken[before] });
  const runOf = ([state, last, first]: StoredRun): Run => ({
    state,
    taken: taken[last] as Taken,
    first: events[first] as KeptEvent,
  });
  const runs = storedRuns.map(runOf);
  const due = runs.reduce((least, run) => Math.min(least, dueAt(run)), Number.POSITIVE_INFINITY);
  return { runs, complete: storedComplete.map(runOf), next, due };
}
