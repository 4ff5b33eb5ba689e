import { copyOf } from '../../record/copy.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';

/** The most bytes that the copies of one record's rest may have together: as much as a micro-batch has. */
export const MOST_COPIED_BYTES = 16_000_000;

/**
 * `count` records of the same content that share nothing, or `undefined` where they would be larger than
 * {@link MOST_COPIED_BYTES} together. The last is `rest` itself.
 */
export function copiesOf(rest: JsonObject, count: number): JsonObject[] | undefined {
  if (!fits(rest, count)) return undefined;
  const copies: JsonObject[] = [];
  for (let i = 1; i < count; i += 1) copies.push(copyOf(rest));
  copies.push(rest);
  return copies;
}

function fits(rest: JsonObject, count: number): boolean {
  return take(rest, Math.floor(MOST_COPIED_BYTES / count)) >= 0;
}

/** What is left of `budget` after a value's size as JSON, roughly; negative where it is not enough, and then looks no further. */
function take(value: JsonValue, budget: number): number {
  if (typeof value === 'string') return budget - value.length - 2;
  if (typeof value !== 'object' || value === null) return budget - 8;
  let left = budget - 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && left >= 0; i += 1) left = take(value[i] as JsonValue, left - 1);
    return left;
  }
  for (const name in value) {
    const field = value[name];
    if (field !== undefined) left = take(field, left - name.length - 4);
    if (left < 0) return left;
  }
  return left;
}
