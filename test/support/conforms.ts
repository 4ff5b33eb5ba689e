import { defaultScope } from '../../src/expression/index.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/record/json.ts';
import { ANY, fieldOf, type RecordType, typeText } from '../../src/sdk/types/index.ts';
import { builtInAggregates } from '../../src/stream/aggregate/functions.ts';
import { typesOf } from '../../src/topology/pipeline-types.ts';
import type { Pipeline } from '../../src/topology/types.ts';

/** What is known of the topics of the pipelines that were asked for. */
const known = new WeakMap<Pipeline, ReadonlyMap<string, RecordType>>();

/** Throws where a record of a topic is not what is said of that topic when the pipeline is loaded. */
export function expectTypes(topic: string, values: readonly (JsonObject | null)[], pipeline: Pipeline): void {
  const topics = known.get(pipeline) ?? typesOf(pipeline, { ...defaultScope, aggregates: builtInAggregates }).topics;
  known.set(pipeline, topics);
  const type = topics.get(topic) ?? ANY;
  for (const value of values) {
    const misfit = value === null ? undefined : misfitOfValue(value, type);
    if (misfit !== undefined)
      throw new Error(`a record of the topic ${topic} is not what is known of it: ${misfit}\n${JSON.stringify(value)}`);
  }
}

/** Why a value is not of a type, with the path to where it is not; `undefined`: it is. */
export function misfitOfValue(value: JsonValue | undefined, type: RecordType, path = '$'): string | undefined {
  if (type === ANY) return undefined;
  if (isJsonObject(value)) {
    const { object } = type;
    if (object === undefined) return `${path}: an object, not ${typeText(type)}`;
    for (const [name, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      const misfit = misfitOfValue(inner, fieldOf(object, name).type, `${path}.${name}`);
      if (misfit !== undefined) return misfit;
    }
    for (const [name, { always }] of object.fields)
      if (always && value[name] === undefined) return `${path}.${name}: missing, and always there by ${typeText(type)}`;
    return undefined;
  }
  if (Array.isArray(value)) {
    if (type.list === undefined) return `${path}: a list, not ${typeText(type)}`;
    for (const [i, item] of value.entries()) {
      const misfit = misfitOfValue(item, type.list, `${path}[${i}]`);
      if (misfit !== undefined) return misfit;
    }
    return undefined;
  }
  if (value === null) return type.null === true ? undefined : `${path}: null, not ${typeText(type)}`;
  if (typeof value === 'string') {
    const values = type.string?.values;
    const fits = type.string !== undefined && (values === undefined || values.has(value));
    return fits ? undefined : `${path}: ${JSON.stringify(value).slice(0, 80)}, not ${typeText(type)}`;
  }
  const kind = typeof value === 'number' ? 'number' : 'boolean';
  return type[kind] === true ? undefined : `${path}: ${String(value)}, not ${typeText(type)}`;
}
