import { z } from 'zod';
import { type FieldPath, parsePath } from '../record/path.ts';

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
      if (parsePath(key) !== undefined) continue;
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `${JSON.stringify(key)} is no field path; write names with dots between: http.response.status_code`,
      });
    }
  });
}
