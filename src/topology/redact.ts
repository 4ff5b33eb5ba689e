import type { z } from 'zod';
import { childrenOf, kindsOf } from '../sdk/introspect.ts';
import { CompiledOption } from '../sdk/option.ts';

/** Validated options as they may be shown. */
export type ShownValue = string | number | boolean | null | readonly ShownValue[] | { readonly [key: string]: ShownValue };

const MASK = '******';

/** Options as plain data to show: secrets masked by their schema, expressions as their text, field paths with dots. */
export function showOptions(schema: z.core.$ZodType, value: unknown): ShownValue {
  return show([schema], value);
}

function show(schemas: readonly z.core.$ZodType[], value: unknown): ShownValue {
  const kinds = kindsOf(schemas);
  if (kinds.has('secret')) return MASK;
  if (value instanceof CompiledOption) return value.text;
  if (typeof value === 'string') return withoutCredentials(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value) && kinds.has('field') && value.every((level) => typeof level === 'string')) return value.join('.');
  if (Array.isArray(value)) return value.map((item, i) => show(childrenOf(schemas, i), item));
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, show(childrenOf(schemas, key), item)]));
}

/** `https://user:password@host` is how credentials end up in options that are no secrets. */
function withoutCredentials(text: string): string {
  return text.replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${MASK}@`);
}
