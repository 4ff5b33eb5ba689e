import { ANY, objectOf, type RecordType, refine, STRING } from '../sdk/types/index.ts';
import type { TopicNode } from './types.ts';

/** What steps see of a topic whose values are texts. */
const TEXT = objectOf({ message: STRING });

/** What is known of the records of a topic. To somebody else's, others write too. */
export function declaredType({ codec, external, schema }: TopicNode, written: RecordType): RecordType {
  if (codec === 'text') return TEXT;
  if (schema !== undefined) return external ? schema : refine(schema, written);
  return external ? ANY : written;
}
