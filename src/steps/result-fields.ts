import { z } from 'zod';
import { type FieldPath, parsePath } from '../record/path.ts';
import { template } from '../sdk/schema.ts';
import { type ShownField, ShownFields } from '../stream/alert/shown-fields.ts';
import { fieldMapping } from './field-mapping.ts';
import { type By, groupPaths } from './group-options.ts';

/** What results of a step show of the record that they are about. */
export const shownFields = fieldMapping(z.union([template(), z.number(), z.boolean()])).optional();

type Shown = z.output<typeof shownFields>;

export function shownFieldsOf(given: Shown): ShownFields {
  const fields = Object.entries(given ?? {}).map(([name, value]): ShownField => {
    const path = parsePath(name) ?? [name];
    return { path, evaluate: typeof value === 'object' ? value.evaluate : () => value };
  });
  return new ShownFields(fields);
}

interface Given {
  readonly by?: By | undefined;
  readonly fields?: Shown;
}

/** Fields of a result that would take each other's place. `own`: those that the step sets itself. */
export function fieldClashes({ by, fields }: Given, own: readonly FieldPath[]): { path: PropertyKey[]; message: string }[] {
  const clashes: { path: PropertyKey[]; message: string }[] = [];
  const names = Object.keys(by ?? {});
  const keyed = groupPaths(by);
  for (const [i, path] of keyed.entries()) {
    const other = clashOf(path, own);
    if (other === undefined) continue;
    const at = Array.isArray(by) ? i : (names[i] as string);
    clashes.push({ path: ['by', at], message: `${taken(other)}; give the value another name: { name: expression }` });
  }
  for (const name of Object.keys(fields ?? {})) {
    const other = clashOf(parsePath(name) ?? [name], [...own, ...keyed]);
    if (other !== undefined) clashes.push({ path: ['fields', name], message: `${taken(other)}; choose another name` });
  }
  return clashes;
}

function taken(path: FieldPath): string {
  return `a result has the field "${path.join('.')}" already`;
}

function clashOf(path: FieldPath, others: readonly FieldPath[]): FieldPath | undefined {
  return others.find((other) => isPrefix(other, path) || isPrefix(path, other));
}

function isPrefix(start: FieldPath, path: FieldPath): boolean {
  return start.length <= path.length && start.every((level, i) => level === path[i]);
}
