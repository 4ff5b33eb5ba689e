import { ANY, type FieldType, type ObjectType, objectType, oneOf, type RecordType, STRING } from '../../sdk/types/index.ts';

/** What is known of a value whose texts are redacted: they are texts still, and may be any. `numbers`: card numbers become texts. */
export function redactedType(type: RecordType, numbers: boolean): RecordType {
  if (type === ANY) return ANY;
  const { string, number, list, object, ...rest } = type;
  return oneOf(
    rest,
    ...(string === undefined ? [] : [STRING]),
    ...(number === undefined ? [] : [numbers ? oneOf({ number }, STRING) : { number }]),
    ...(list === undefined ? [] : [{ list: redactedType(list, numbers) }]),
    ...(object === undefined ? [] : [redactedFields(object, numbers)]),
  );
}

function redactedFields({ fields, rest }: ObjectType, numbers: boolean): RecordType {
  const redacted = [...fields].map(([name, { type, always }]): [string, FieldType] => [
    name,
    { type: redactedType(type, numbers), always },
  ]);
  return objectType(new Map(redacted), rest === undefined ? undefined : redactedType(rest, numbers));
}
