import type { JsonObject } from '../../record/json.ts';
import { ParseFailure } from '../../sdk/parser.ts';

export { ParseFailure };

/**
 * Reads one text. The object is a new one that the caller may change; a field with the value `undefined` is absent (so
 * that all objects of a format have one shape). `at` is the record's Kafka timestamp in ms, or -1: formats whose times
 * lack a year use it. Never throws.
 */
export type TextParser = (text: string, at: number) => JsonObject | ParseFailure;
