import type { Origins } from '../origins.ts';
import type { Bucket, Buffered, Side } from './buffered.ts';

/** The key of a buffered record in the changelog. A format. */
export function changelogKey({ side, bucket, time, seq }: Buffered): string {
  return JSON.stringify([side, bucket.key, time, seq]);
}

/** A buffered record as it stands in the changelog, whose last item is its value as it is. A format. */
export function changelogValue(entry: Buffered): string {
  const { origin, position, part, behind, matched, headers } = entry;
  const late = behind === Number.NEGATIVE_INFINITY ? null : behind;
  const known = JSON.stringify([origin.topic, origin.partition, position, part, late, matched ? 1 : 0, headers]);
  return `${known.slice(0, -1)},${entry.text}]`;
}

/** Which record a key of the changelog stands for. */
export interface ChangelogPlace {
  readonly side: Side;
  readonly key: string;
  readonly time: number;
  readonly seq: number;
}

export function placeOf(key: string): ChangelogPlace {
  const [side, text, time, seq] = JSON.parse(key) as [Side, string, number, number];
  return { side, key: text, time, seq };
}

type Stored = [string, number, number | string, number, number | null, number, string, unknown];

/** The record that `value` of the changelog holds, for `bucket`, which it is not in yet. */
export function decodeEntry({ side, time, seq }: ChangelogPlace, value: string, bucket: Bucket, origins: Origins): Buffered {
  const [topic, partition, position, part, behind, matched, headers, record] = JSON.parse(value) as Stored;
  return {
    side,
    time,
    seq,
    position,
    part,
    headers,
    bucket,
    text: JSON.stringify(record),
    origin: origins.of(topic, partition),
    behind: behind ?? Number.NEGATIVE_INFINITY,
    matched: matched === 1,
    present: false,
    logged: true,
    dirty: false,
  };
}
