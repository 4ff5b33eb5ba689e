import { ANY, BOOLEAN, isNever, NULL, NUMBER, oneOf, type RecordType, STRING } from '../../sdk/types/index.ts';
import type { ConversionName } from './types.ts';

const GIVES: Readonly<Record<ConversionName, RecordType>> = {
  integer: NUMBER,
  float: NUMBER,
  boolean: BOOLEAN,
  string: STRING,
  ip: STRING,
  bytes: NUMBER,
  duration_ms: NUMBER,
  duration_ns: NUMBER,
};

/** What a value becomes that could be converted: null stays, and lists are converted item by item. */
export function convertedType(before: RecordType, to: ConversionName): RecordType {
  const target = GIVES[to];
  if (before === ANY) return oneOf(target, NULL, { list: oneOf(target, NULL) });
  const { null: isNull, list, ...scalars } = before;
  return oneOf(
    ...(isNever(scalars) ? [] : [target]),
    ...(isNull === undefined ? [] : [NULL]),
    ...(list === undefined ? [] : [{ list: convertedItem(list, target) }]),
  );
}

/** Lists in lists are only taken for texts. */
function convertedItem(item: RecordType, target: RecordType): RecordType {
  if (item === ANY) return oneOf(target, NULL);
  return item.null === undefined ? target : oneOf(target, NULL);
}
