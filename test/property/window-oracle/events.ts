/** A record as the batch computation sees it: nothing of it comes from the code under test. */
export interface Event {
  /** Event time in ms since 1970. */
  readonly time: number;
  readonly key: string;
  /** A small integer, so that sums are exact in whatever order they are made. */
  readonly value: number;
  /** When it arrived among all records of its partition. */
  readonly arrival: number;
}

/** An event with what its own partition knew before it. */
export interface JudgedEvent extends Event {
  readonly partition: number;
  /** The largest time before it in its partition, less `wait`, less 1; -Infinity for the first (DESIGN.md 4.3). */
  readonly watermark: number;
}

/** The events of one partition with their watermarks. */
export function judge(events: readonly Event[], wait: number, partition = 0): JudgedEvent[] {
  return events.map((event, i) => ({ ...event, partition, watermark: watermarkOf(events.slice(0, i), wait) }));
}

/** What a partition's watermark is once `events` have been seen, in whatever order. */
export function watermarkOf(events: readonly Event[], wait: number): number {
  let newest = Number.NEGATIVE_INFINITY;
  for (const { time } of events) newest = Math.max(newest, time);
  return newest - wait - 1;
}

/**
 * What the watermark is behind a shuffle: the minimum over all upstream partitions, of which an empty one holds it back, unless it
 * has been found silent.
 */
export function mergedWatermarkOf(partitions: readonly (readonly Event[])[], wait: number, silent: boolean): number {
  const heard = partitions.filter(({ length }) => length > 0 || !silent);
  return heard.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...heard.map((events) => watermarkOf(events, wait)));
}
