import fc from 'fast-check';
import type { CalendarUnit } from './calendar.ts';
import type { Shuffle } from './feed.ts';
import type { Weather } from './operator-run.ts';
import type { StreamShape } from './streams.ts';
import type { WindowKind } from './windows.ts';

/** A window step, its input, and what happens while it runs. */
export interface Story {
  readonly window: WindowKind;
  readonly keep: number;
  readonly emit: 'close' | 'update' | 'every 1s';
  readonly shape: StreamShape;
  readonly weather: Weather;
  /** How it is brought together by key: absent, every partition is a task of its own. */
  readonly shuffle?: Shuffle & { readonly preaggregate: boolean };
}

const SECOND = 1000;
const HOUR = 3_600_000;

/** Zones whose days are not all as long, of both halves of the Earth, one with half an hour and one that changes at midnight. */
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Asia/Kathmandu', 'UTC'];

const seed = fc.integer({ min: 0, max: 0xffff_ffff });
const seconds = (...choices: number[]): fc.Arbitrary<number> => fc.constantFrom(...choices.map((n) => n * SECOND));

const aligned: fc.Arbitrary<WindowKind> = fc.oneof(
  fc.record({ kind: fc.constant('tumbling' as const), size: seconds(1, 10), offset: seconds(0, 0.25, -0.4) }),
  fc
    .record({ kind: fc.constant('hopping' as const), size: seconds(10, 7, 3), every: seconds(3, 5, 7), offset: seconds(0, 1) })
    .map((window): WindowKind => window),
);

const calendar: fc.Arbitrary<WindowKind> = fc.record({
  kind: fc.constant('calendar' as const),
  unit: fc.constantFrom<CalendarUnit>('day', 'day', 'month'),
  zone: fc.constantFrom(...ZONES),
});

const session: fc.Arbitrary<WindowKind> = fc.record({ kind: fc.constant('session' as const), gap: seconds(1, 0.3, 5) });
const sliding: fc.Arbitrary<WindowKind> = fc.record({ kind: fc.constant('sliding' as const), size: seconds(1, 0.2, 4) });

/** The span that the events of a story are made for. */
function scaleOf(window: WindowKind): number {
  switch (window.kind) {
    case 'tumbling':
    case 'hopping':
    case 'sliding':
      return window.size;
    case 'session':
      return window.gap;
    case 'calendar':
      return window.unit === 'day' ? 24 * HOUR : 40 * 24 * HOUR;
  }
}

/** Where events begin: around 1970, far before, and short before clocks change. */
const begins = [0, -30 * SECOND, Date.UTC(1969, 11, 30), Date.UTC(2024, 2, 29), Date.UTC(2024, 9, 25), Date.UTC(2018, 1, 15)];

const weather: fc.Arbitrary<Weather> = fc.record({
  seed,
  batch: fc.constantFrom(1, 3, 20, 200),
  aborts: fc.constantFrom(0, 2, 6),
  crashes: fc.constantFrom(0, 1, 4),
});

function shapeFor(window: WindowKind, counts: fc.Arbitrary<number[]>): fc.Arbitrary<StreamShape> {
  const size = scaleOf(window);
  return fc.record({
    seed,
    counts,
    keys: fc.constantFrom(1, 3, 12),
    begin: fc.constantFrom(...begins),
    skew: fc.constantFrom(0, HOUR, 3 * size),
    size: fc.constant(size),
    wait: fc.constantFrom(0, Math.round(size / 2), 2 * size),
    disordered: fc.constant(0.1),
    late: fc.constantFrom(0.01, 0.1),
    edges: fc.boolean(),
  });
}

const common = (window: WindowKind): { keep: fc.Arbitrary<number>; emit: fc.Arbitrary<Story['emit']> } => ({
  keep: fc.constantFrom(0, 0, Math.round(scaleOf(window) / 2), 3 * scaleOf(window)),
  emit: fc.constantFrom('close', 'close', 'update', 'every 1s'),
});

/** Stories in which each partition is a task of its own. */
function alone(windows: fc.Arbitrary<WindowKind>, most: number): fc.Arbitrary<Story> {
  return windows.chain((window) =>
    fc.record({
      window: fc.constant(window),
      ...common(window),
      shape: shapeFor(
        window,
        fc.integer({ min: 1, max: most }).map((count) => [count]),
      ),
      weather,
    }),
  );
}

/**
 * Stories in which several partitions are brought together by key. For sessions none is behind the watermark of its partition: which
 * session such a record belongs to depends on who comes first, and between partitions nobody does.
 */
function together(windows: fc.Arbitrary<WindowKind>, most: number, preaggregate = false): fc.Arbitrary<Story> {
  const counts = fc.array(fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: most }) }, fc.constant(0)), {
    minLength: 1,
    maxLength: 4,
  });
  return windows.chain((window) =>
    fc.record({
      window: fc.constant(window),
      ...common(window),
      shape: shapeFor(window, counts).map((shape) => (window.kind === 'session' ? { ...shape, late: 0 } : shape)),
      weather,
      shuffle: fc.record({
        seed,
        downstreams: fc.constantFrom(1, 3),
        batch: fc.constantFrom(1, 10, 100),
        silent: fc.boolean(),
        preaggregate: fc.constant(preaggregate),
      }),
    }),
  );
}

/** The kinds of stories that there are. */
export const stories = {
  'tumbling and hopping windows': alone(aligned, 200),
  'calendar windows': alone(calendar, 60),
  sessions: alone(session, 200),
  'sliding windows': alone(sliding, 80),
  'tumbling and hopping windows behind a repartition': together(aligned, 100),
  'sessions behind a repartition': together(session, 100),
  'sliding windows behind a repartition': together(sliding, 40),
  'windows that are aggregated before the repartition': together(aligned, 100, true),
} as const;
