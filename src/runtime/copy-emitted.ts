import { MillraceError, reasonOf } from '../errors/index.ts';
import type { JsonObject } from '../record/json.ts';
import { describe, plainCopy } from '../record/json-copy.ts';
import type { ProcessorRecord } from '../sdk/processor-record.ts';

/** The last moment that a date can be. */
const LAST_TIME = 8.64e15;

/** The value that a processor has emitted, as a copy of its own; or why it can be no record's. */
export function copyEmitted({ value, key, time, packedHeaders }: ProcessorRecord): JsonObject | MillraceError {
  if (key !== null && typeof key !== 'string') return refusal(`whose key is ${describe(key)} and neither a text nor null`);
  if (!(Math.abs(time) <= LAST_TIME)) return refusal('whose time is no number of ms since 1970');
  if (!(packedHeaders instanceof Uint8Array)) return refusal('whose headers are none');
  try {
    return plainCopy(value);
  } catch (error) {
    return refusal(`whose value is no JSON: ${reasonOf(error)}`);
  }
}

function refusal(reason: string): MillraceError {
  return new MillraceError('PROCESSOR_OUTPUT', { found: `a record ${reason}` });
}
