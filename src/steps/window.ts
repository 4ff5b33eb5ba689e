import type { JsonValue } from '../record/json.ts';
import { defineStatefulStep, type OperatorContext, type OperatorFactory, type PartitionOperator } from '../sdk/operator.ts';
import { NUMBER, objectOf, STRING, setPath, textOf } from '../sdk/types/index.ts';
import { GroupBy } from '../stream/group-by.ts';
import { AlignedOperator } from '../stream/window/aligned-operator.ts';
import { type AlignedWindows, FixedWindows } from '../stream/window/aligned-windows.ts';
import { MergingOperator, PartialOperator } from '../stream/window/partial-results.ts';
import { SessionOperator } from '../stream/window/session-operator.ts';
import type { WindowSettings } from '../stream/window/settings.ts';
import { SlidingOperator } from '../stream/window/sliding-operator.ts';
import { groupFields, groupingOf, groupPaths, groupTexts } from './group-options.ts';
import { lateTopics } from './late-option.ts';
import { computedType, groupedType } from './result-types.ts';
import { calendarWindows } from './window/calendar-windows.ts';
import { aggregationOf, checkComputation, checkHaving } from './window/compute.ts';
import { kindOf, type WindowKind } from './window/kinds.ts';
import { options, type WindowOptions } from './window/options.ts';

/** The form of the stored state: raised when it changes. */
const STATE_FORM = 1;

const WINDOW = objectOf({ start: STRING, end: STRING });
const PANE = textOf('early', 'on_time', 'late');

export const window = defineStatefulStep<WindowOptions>({
  kind: 'window',
  summary: 'Groups records by their time, and computes something of each group.',
  description: [
    'Records become results: one for each group and window, with the fields of `by` and `compute`, `window.start`, `window.end`, `pane` (`early`, `on_time`, `late`), `revision` and `@timestamp`, the last moment of the window.',
    'Time is event time, `@timestamp`. A window is complete when the watermark of the stream has come to its end, see `wait` of the stream.',
  ].join(' '),
  options,
  changesValue: true,
  readsValue: true,
  yields({ by, compute, having }, known) {
    const group = setPath(groupedType(by, known), ['window'], { type: WINDOW, always: true });
    const computed = computedType(compute, group, known);
    const paned = setPath(computed, ['pane'], { type: PANE, always: true });
    const result = setPath(paned, ['revision'], { type: NUMBER, always: true });
    return having === undefined ? result : known.condition(having, { record: result }).met;
  },
  topics: ({ late }) => lateTopics(late),
  routesAll: () => false,
  check: ({ by, compute, having }) => [...checkComputation(compute, groupPaths(by)), ...checkHaving(having)],
  examples: [
    'window:\n  tumbling: 10s\n  by: [ url.path ]\n  compute: { errors: count(), bytes: sum(http.response.body.bytes) }\n  having: "errors > 100"',
    'window:\n  hopping: { size: 1h, every: 5m }\n  by: { user: "lower(user.name)" }\n  compute: { logins: count() }\n  keep: 10m\n  late: dead_letter',
    'window: { session: 30m, by: [ $key ], compute: { pages: count() }, emit: every 5s }',
    'window: { calendar: { unit: day, zone: Europe/Berlin }, compute: { orders: count(), total: sum(price) } }',
  ],
  state: {
    grouping: ({ by }) => groupingOf(by),
    fingerprint,
    create: (given, context) => createOperator(kindOf(given), settingsOf(given), context),
    preaggregate,
    revises,
  },
});

/** `keep`, `emit`, `having`, `late` and `max_groups` may change: what is stored means the same. */
function fingerprint(given: WindowOptions): JsonValue {
  const kind = Object.entries(kindOf(given)).map(([name, value]) => [name, value]);
  return [STATE_FORM, kind, [...groupTexts(given.by)], aggregationOf(given.compute).fingerprint];
}

function settingsOf(given: WindowOptions): WindowSettings {
  const { by, compute, having, keep, emit, late, max_groups: maxGroups } = given;
  const aggregation = aggregationOf(compute);
  return { groupBy: new GroupBy(groupFields(by)), aggregation, having: having?.evaluate, keep, emit, late, maxGroups };
}

function createOperator(kind: WindowKind, settings: WindowSettings, context: OperatorContext): PartitionOperator {
  if (kind.kind === 'session') return new SessionOperator(kind.gap, settings, context);
  if (kind.kind === 'sliding') return new SlidingOperator(kind.size, settings, context);
  return new AlignedOperator(alignedOf(kind), settings, context);
}

/** A session is also revised by a record at its very end that comes when it is complete. */
function revises({ emit, keep, session }: WindowOptions): string | undefined {
  if (emit !== 'close') return 'emit';
  if (keep > 0) return 'keep';
  return session === undefined ? undefined : 'session';
}

/** Sessions and sliding windows are made of records that must be seen together. */
function preaggregate(given: WindowOptions): { partial: OperatorFactory; final: OperatorFactory } | undefined {
  const kind = kindOf(given);
  if (alignedWindows(kind) === undefined) return undefined;
  return {
    partial: (context) => new PartialOperator(alignedOf(kind), settingsOf(given), context),
    final: (context) => new MergingOperator(alignedOf(kind), settingsOf(given), context),
  };
}

/** Each operator has windows of its own, for they remember what they were asked last. */
function alignedOf(kind: WindowKind): AlignedWindows {
  const windows = alignedWindows(kind);
  if (windows === undefined) throw new Error(`${kind.kind} windows are not aligned`);
  return windows;
}

function alignedWindows(kind: WindowKind): AlignedWindows | undefined {
  if (kind.kind === 'hopping') return new FixedWindows(kind.size, kind.every, kind.offset);
  return kind.kind === 'calendar' ? calendarWindows(kind.unit, kind.zone, kind.weekStart) : undefined;
}
