import { figuresOf } from './aggregate.ts';
import type { JudgedEvent } from './events.ts';
import { type Expected, type ExpectedWindow, nameOf, noCounters } from './windows.ts';

interface Session {
  readonly key: string;
  readonly events: readonly JudgedEvent[];
  readonly first: number;
  readonly last: number;
}

/**
 * Sessions of one partition, in its order: those at most `gap` apart are one. A record on time belongs to every session that it is
 * near; one behind the watermark to those that are still kept (Flink's rule), and it is late where neither these nor a session of
 * its own would reach past the watermark.
 */
export function sessions(
  gap: number,
  events: readonly JudgedEvent[],
  { keep, end: finalWatermark }: { readonly keep: number; readonly end: number },
): Expected {
  const counters = noCounters();
  let all: Session[] = [];
  for (const event of events) {
    const alive = (last: number): boolean => last + gap - 1 + keep > event.watermark;
    const near = all.filter(
      ({ key, first, last }) =>
        key === event.key &&
        (event.time > event.watermark || alive(last)) &&
        event.time >= first - gap &&
        event.time <= last + gap,
    );
    counters.pairs += 1;
    const last = Math.max(event.time, ...near.map((session) => session.last));
    if (!alive(last)) {
      counters.lateDropped += 1;
      continue;
    }
    counters[last + gap - 1 > event.watermark ? 'assigned' : 'lateKept'] += 1;
    all = all.filter((session) => !near.includes(session));
    const first = Math.min(event.time, ...near.map((session) => session.first));
    all.push({ key: event.key, first, last, events: [...near.flatMap((session) => session.events), event] });
  }
  return { windows: windowsOf(all, gap, finalWatermark), counters };
}

/** Sessions of records none of which is late, wherever they come from: sorted, and cut where they are further apart than `gap`. */
export function sessionsOfTimely(gap: number, events: readonly JudgedEvent[], finalWatermark: number): Expected {
  const all: Session[] = [];
  for (const key of new Set(events.map((event) => event.key))) {
    const ofKey = events.filter((event) => event.key === key);
    let run: JudgedEvent[] = [];
    for (const event of ofKey.sort((a, b) => a.time - b.time)) {
      if (run.length > 0 && event.time - (run.at(-1) as JudgedEvent).time > gap) {
        all.push(sessionOf(key, run));
        run = [];
      }
      run.push(event);
    }
    all.push(sessionOf(key, run));
  }
  const counters = { ...noCounters(), pairs: events.length, assigned: events.length };
  return { windows: windowsOf(all, gap, finalWatermark), counters };
}

function sessionOf(key: string, events: readonly JudgedEvent[]): Session {
  return { key, events, first: (events[0] as JudgedEvent).time, last: (events.at(-1) as JudgedEvent).time };
}

function windowsOf(all: readonly Session[], gap: number, finalWatermark: number): Map<string, ExpectedWindow> {
  return new Map(
    all.map(({ key, first, last, events }) => {
      const span = { start: first, end: last + gap };
      return [
        nameOf(key, span),
        { key, ...span, time: span.end - 1, figures: figuresOf(events), closed: span.end - 1 <= finalWatermark },
      ];
    }),
  );
}
