import type { StepTypes } from '../../sdk/step-types.ts';
import { ANY, objectOf, oneOf, type RecordType, STRING, setPath } from '../../sdk/types/index.ts';
import { keyOf, plainPath } from './keys.ts';
import type { JoinOptions } from './options.ts';

/** What is known of the results of a join: pairs, and records that met no other. */
export function joinedType(given: JoinOptions, known: StepTypes): RecordType {
  const { as, type, table, with: topic } = given;
  known.valueOf(keyOf(given, 'main'));
  const other = known.topic(table ?? topic ?? '');
  if (table !== undefined) return setPath(known.input, as, { type: other, always: type === 'inner' });
  known.valueOf(keyOf(given, 'joined'), { record: other, foreign: true });
  const pair = timed(setPath(known.input, as, { type: other, always: true }));
  if (type === 'inner') return pair;
  const left = timed(known.input);
  return type === 'left' ? oneOf(pair, left) : oneOf(pair, left, unmatchedRight(given, other));
}

/** The key of a record of the other side, where it has one, and its value. */
function unmatchedRight(given: JoinOptions, other: RecordType): RecordType {
  const key = plainPath(keyOf(given, 'main').text);
  const keyed = key === undefined ? objectOf({}) : setPath(objectOf({}), key, { type: ANY, always: false });
  return timed(setPath(keyed, given.as, { type: other, always: true }));
}

function timed(record: RecordType): RecordType {
  return setPath(record, ['@timestamp'], { type: STRING, always: true });
}
