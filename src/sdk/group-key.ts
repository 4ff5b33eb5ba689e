import type { JsonValue } from '../record/json.ts';

/**
 * The Kafka key of a group: the text of its one value, or the JSON list of its values; null where there is nothing to group
 * by. A format: it decides in which partition a group's state is.
 */
export function groupKey(values: readonly (JsonValue | undefined)[]): string | null {
  const [only] = values;
  if (values.length === 0) return null;
  if (values.length === 1 && typeof only === 'string') return only;
  if (values.length === 1 && (typeof only === 'number' || typeof only === 'boolean')) return String(only);
  // JSON.stringify writes what is missing in a list as null.
  return values.length === 1 ? JSON.stringify(only ?? null) : JSON.stringify(values);
}
