import { z } from 'zod';
import { type FieldPath, parsePath } from '../record/path.ts';
import { noPath, writtenPath } from '../sdk/written-path.ts';

/** The keys of a mapping, in the file's order, as paths. The schema made by {@link fieldMapping} has accepted them. */
export function pathEntries<Value>(mapping: Readonly<Record<string, Value>>): { path: FieldPath; value: Value }[] {
  return Object.entries(mapping).map(([text, value]) => ({ path: parsePath(text) ?? [text], value }));
}

/**
 * A mapping whose keys are field paths and whose whole is the option. Keys stay as they are written, so that a compiled
 * value is found in the validated options where it stands in the file.
 */
export function fieldMapping<Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string(), value).superRefine((mapping, context) => {
    const keys = Object.keys(mapping);
    if (keys.length === 0) context.addIssue({ code: 'custom', message: 'at least one field is needed' });
    for (const key of keys) {
      if (writtenPath(key) === undefined) context.addIssue({ code: 'custom', path: [key], message: noPath(key) });
    }
  });
}
