import { calendarFunctions } from './calendar.ts';
import { dateFunctions } from './date.ts';
import type { ExpressionFunction } from './definition.ts';
import { geoFunctions } from './geo.ts';
import { hashFunctions } from './hash.ts';
import { ipFunctions } from './ip.ts';
import { jsonFunctions } from './json.ts';
import { listFunctions } from './list.ts';
import { numberFunctions } from './number.ts';
import { similarityFunctions } from './similarity.ts';
import { statisticsFunctions } from './statistics.ts';
import { stringFunctions } from './string.ts';
import { typeFunctions } from './type.ts';

/** The built-in functions by area, as the reference shows them. */
export const functionAreas: Readonly<Record<string, readonly ExpressionFunction[]>> = {
  Text: stringFunctions,
  Similarity: similarityFunctions,
  Numbers: numberFunctions,
  Statistics: statisticsFunctions,
  Types: typeFunctions,
  'Lists and objects': listFunctions,
  Time: [...dateFunctions, ...calendarFunctions],
  'IP addresses': ipFunctions,
  Places: geoFunctions,
  JSON: jsonFunctions,
  Hashes: hashFunctions,
};

/** The built-in functions by name. */
export const builtInFunctions: ReadonlyMap<string, ExpressionFunction> = new Map(
  Object.values(functionAreas).flatMap((area) => area.map((definition) => [definition.name, definition] as const)),
);
