import type { JsonObject, JsonValue } from '../../record/json.ts';
import { type WindowSpan, windowsAt } from '../../steps/window/windows-at.ts';
import type { StepNode, TaskNode } from '../../topology/types.ts';
import type { EmittedEvent, RecordEvent, RecordPlace, StepEvent } from '../trace/step-event.ts';
import { type Change, changesBetween } from './changes.ts';

/** What a step did with a record. */
export interface Visit {
  readonly id: string;
  readonly step: string;
  readonly outcome: RecordEvent['outcome'] | 'skipped';
  readonly changes: readonly Change[];
  /** Where it was routed to. */
  readonly topic?: string;
  readonly code?: string;
  readonly message?: string;
  readonly parts?: readonly JsonObject[];
  /** The windows that it belongs to, and which of them it came too late for. */
  readonly windows?: readonly (WindowSpan & { readonly late: boolean })[];
  /** Event time of the record, and of its partition before it, in ms. */
  readonly time?: number;
  readonly watermark?: number;
  readonly side?: 'main' | 'joined';
}

/** The way of one record through the steps of a source, stream or sink. */
export interface Journey {
  /** Where it comes from; absent: a step has made it. */
  readonly record?: RecordPlace;
  /** The step that has made it, and what. */
  readonly made?: { readonly by: string; readonly value: JsonObject | null; readonly key: JsonValue; readonly time: number };
  readonly visits: readonly Visit[];
  /** What became of it in the end: `passed` goes on to the node's topic or destination. */
  readonly end: RecordEvent['outcome'];
}

interface Draft {
  readonly record?: RecordPlace;
  readonly made?: EmittedEvent;
  readonly events: RecordEvent[];
  last: number;
}

/** Puts the events of a node's steps together to the ways of its records, in the order in which these began. */
export function journeysOf(node: TaskNode, events: readonly StepEvent[]): Journey[] {
  const numbers = new Map(node.steps.map(({ id }, number) => [id, number]));
  const drafts: Draft[] = [];
  const open = new Map<string, Draft>();
  for (const event of events) {
    const number = numbers.get(event.place.id) ?? 0;
    if (event.type === 'emitted') {
      const draft: Draft = { made: event, events: [], last: number };
      drafts.push(draft);
      open.set(MADE, draft);
      continue;
    }
    const key = event.record.offset < 0 ? MADE : `${event.record.topic}/${event.record.partition}/${event.record.offset}`;
    let draft = continued(drafts, event, number) ?? open.get(key);
    if (draft !== undefined && draft.last >= number && isTriedAgain(draft)) {
      // What its steps did before is as it was.
      draft.events.splice(draft.events.findIndex(({ place }) => (numbers.get(place.id) ?? 0) >= number));
    } else if (draft === undefined || draft.last >= number) {
      draft = event.record.offset < 0 ? { events: [], last: number - 1 } : { record: event.record, events: [], last: -1 };
      drafts.push(draft);
      open.set(key, draft);
    }
    draft.events.push(event);
    draft.last = number;
  }
  return drafts.map((draft) => journeyOf(draft, node.steps));
}

const MADE = 'made';

/** A record at which a processor fails is tried once more, by itself: what became of it then counts. */
function isTriedAgain({ events }: Draft): boolean {
  return events.at(-1)?.triedAgain === true;
}

/** What a processor gives for a record is a record of its own, which is told by its value. */
function continued(drafts: readonly Draft[], { record, before }: RecordEvent, number: number): Draft | undefined {
  if (record.offset >= 0) return undefined;
  const value = JSON.stringify(before);
  return drafts.findLast(({ events, last }) => {
    const end = events.at(-1);
    return end?.outcome === 'passed' && last < number && JSON.stringify(end.after) === value;
  });
}

function journeyOf({ record, made, events }: Draft, steps: readonly StepNode[]): Journey {
  const begun = made?.place.id ?? (record === undefined ? events[0]?.place.id : undefined);
  const first = begun === undefined ? 0 : steps.findIndex(({ id }) => id === begun) + (made === undefined ? 0 : 1);
  const visits: Visit[] = [];
  let next = first;
  for (const event of events) {
    const number = steps.findIndex(({ id }) => id === event.place.id);
    for (const { id, definition } of steps.slice(next, number))
      visits.push({ id, step: definition.kind, outcome: 'skipped', changes: [] });
    visits.push(visitOf(event, steps[number]));
    next = number + 1;
  }
  const end = events.at(-1)?.outcome ?? 'passed';
  if (end === 'passed')
    for (const { id, definition } of steps.slice(next))
      visits.push({ id, step: definition.kind, outcome: 'skipped', changes: [] });
  return {
    ...(made === undefined ? {} : { made: { by: made.place.id, value: made.value, key: made.key, time: made.time } }),
    ...(made !== undefined || record === undefined ? {} : { record }),
    visits,
    end,
  };
}

function visitOf(event: RecordEvent, step: StepNode | undefined): Visit {
  const { place, before, after, outcome, topic, code, message, parts, time, watermark, side } = event;
  const windows = place.step === 'window' && time !== undefined && step !== undefined ? windowsOf(step, time, event) : undefined;
  return {
    id: place.id,
    step: place.step,
    outcome,
    changes: after === undefined ? [] : changesBetween(before, after),
    ...(topic === undefined ? {} : { topic }),
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(parts === undefined ? {} : { parts }),
    ...(windows === undefined ? {} : { windows }),
    ...(time === undefined ? {} : { time }),
    ...(watermark === undefined ? {} : { watermark }),
    ...(side === undefined ? {} : { side }),
  };
}

/** A window that is over, with the time that it is kept, takes no record any more (DESIGN.md 4.6). */
function windowsOf({ options }: StepNode, time: number, { watermark = Number.NEGATIVE_INFINITY }: RecordEvent): Visit['windows'] {
  const window = options as Parameters<typeof windowsAt>[0] & { readonly keep?: number };
  return windowsAt(window, time).map((span) => ({ ...span, late: span.end - 1 + (window.keep ?? 0) <= watermark }));
}
