import { z } from 'zod';
import type { FieldPath } from '../record/path.ts';
import { CompiledOption } from './option.ts';
import { noPath, writtenPath } from './written-path.ts';

/**
 * The kinds of scalars that pipeline files use, as Zod schemas. Each carries `millrace` metadata with its kind, from
 * which the JSON Schema, the reference and the editor's completion derive.
 */

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** `250ms`, `10s`, `5m`, `1h`, `7d`, `2w`, also combined (`1h30m`), as ms; `undefined` where it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(amount) * (MS_PER_UNIT[unit as string] as number);
  }
  return total;
}

/** `512B`, `64KB` (1000), `64KiB` (1024), `5MB`, `1GiB` as bytes; `undefined` where it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(B|kB|KB|MB|GB|KiB|MiB|GiB)$/.exec(text);
  return match ? Math.round(Number(match[1]) * (BYTES_PER_UNIT[match[2] as string] as number)) : undefined;
}

/** A span of time with its unit, in ms once validated. */
export function duration(): z.ZodType<number, string> {
  return z
    .string()
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== undefined) return ms;
      context.addIssue({
        code: 'custom',
        message: `${JSON.stringify(text)} is no duration; write a number and a unit: 500ms, 10s, 5m, 1h, 7d`,
      });
      return z.NEVER;
    })
    .meta({ millrace: 'duration' });
}

/** An amount of bytes with its unit, in bytes once validated. */
export function size(): z.ZodType<number, string> {
  return z
    .string()
    .transform((text, context) => {
      const bytes = parseSize(text);
      if (bytes !== undefined) return bytes;
      context.addIssue({
        code: 'custom',
        message: `${JSON.stringify(text)} is no size; write a number and a unit: 512B, 64KB, 5MB, 1GiB`,
      });
      return z.NEVER;
    })
    .meta({ millrace: 'size' });
}

/** A path to a field: `http.response.status_code`. */
export function fieldPath(): z.ZodType<FieldPath, string> {
  return z
    .string()
    .transform((text, context) => {
      const path = writtenPath(text);
      if (path !== undefined) return path;
      context.addIssue({ code: 'custom', message: noPath(text) });
      return z.NEVER;
    })
    .meta({ millrace: 'field' });
}

function compiled(language: CompiledOption['language']): z.ZodType<CompiledOption, string> {
  return z
    .string()
    .transform((text) => new CompiledOption(language, text))
    .meta({ millrace: language });
}

/** A bare expression, such as `http.response.status_code >= 500`. */
export function expression(): z.ZodType<CompiledOption, string> {
  return compiled('expression');
}

/** An expression in which aggregates are called: `sum(http.response.body.bytes)`, `count_if(status >= 500) / count()`. */
export function aggregateExpression(): z.ZodType<CompiledOption, string> {
  return compiled('aggregate');
}

/** An expression over a record and what a match has taken before it: `amount > 10 * small.amount`. */
export function matchExpression(): z.ZodType<CompiledOption, string> {
  return compiled('match');
}

/** A text in which `{{ expression }}` is filled from the record; alone it keeps the expression's type. */
export function template(): z.ZodType<CompiledOption, string> {
  return compiled('template');
}

/** An address in which `{{ expression }}` is filled from the record, percent-encoded; missing where one of them is. */
export function urlTemplate(): z.ZodType<CompiledOption, string> {
  return compiled('url');
}

/** Statements, one a line: `path = expression` or `delete path`. */
export function mapProgram(): z.ZodType<CompiledOption, string> {
  return compiled('map');
}

/** A text that is never printed: passwords, keys, tokens. */
export function secret(): z.ZodType<string, string> {
  return z.string().min(1).meta({ millrace: 'secret' });
}

/** A path in the file system, relative to the pipeline file; absolute once the file is loaded. */
export function filePath(): z.ZodType<string, string> {
  return z.string().min(1).meta({ millrace: 'path' });
}

/** A glob over whole paths. One whose first level is `**` holds in every directory; any other is as {@link filePath}. */
export function pathPattern(): z.ZodType<string, string> {
  return z.string().min(1).meta({ millrace: 'path_pattern' });
}

/** The name of a topic that the pipeline declares. */
export function topicName(): z.ZodType<string, string> {
  return z.string().min(1).meta({ millrace: 'topic' });
}
