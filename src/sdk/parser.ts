import type { z } from 'zod';
import type { JsonObject } from '../record/json.ts';
import { assertDefined, functionProblem, keyProblem, marked, schemaProblem, textProblem } from './definition.ts';
import type { RecordType } from './types/index.ts';

/** Why a text does not fit a format: what was expected, and where. Never holds the text itself, which has no bound. */
export class ParseFailure {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** What a parser gives for a text that is not in its format: why it is not, without the text itself. */
export function parseFailure(reason: string): ParseFailure {
  return new ParseFailure(reason);
}

/**
 * Reads one text. Fields whose value is `undefined` are absent. `at` is the record's Kafka timestamp in ms, or -1: formats whose
 * times lack a year use it.
 */
export type ParseText = (text: string, at: number) => JsonObject | ParseFailure;

/** A format for the step `parse`. */
export interface ParserDefinition<Options = unknown> {
  /** How it is named: `parse: { format: my-format }`. */
  readonly name: string;
  /** A few words, for the reference. */
  readonly summary: string;
  /** The schema of what stands under `options`, every field described. Without it the format takes none. */
  readonly options?: z.ZodType<Options>;
  readonly examples?: readonly string[];
  /** What is known of the fields that it gives. Absent: nothing. */
  yields?(options: Options): RecordType;
  /** Makes the parser. Called when the file is checked too: it opens nothing. */
  create(options: Options): ParseText;
}

/**
 * Defines a format for `parse`:
 *
 *     export const pairs = defineParser({
 *       name: 'pairs',
 *       summary: 'numbered pairs, `1:a 2:b`',
 *       options: z.strictObject({ prefix: z.string().default('field').describe('Stands before each number.') }),
 *       create: ({ prefix }) => (text) => {
 *         const pairs = text.split(' ').map((pair) => pair.split(':'));
 *         if (pairs.some(({ length }) => length !== 2)) return parseFailure('expected number:text');
 *         return Object.fromEntries(pairs.map(([number, value]) => [prefix + number, value]));
 *       },
 *     });
 *
 * Throws PLUGIN_DEFINITION where something in it cannot be.
 */
export function defineParser<Options = unknown>(definition: ParserDefinition<Options>): ParserDefinition<Options> {
  const { name, summary, options, create } = definition;
  assertDefined('parser', name, [
    ['name', keyProblem(name)],
    ['summary', textProblem(summary)],
    ['options', options === undefined ? undefined : schemaProblem(options)],
    ['create', functionProblem(create)],
  ]);
  return marked('parser', definition);
}
