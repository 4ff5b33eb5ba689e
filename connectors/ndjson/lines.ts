import type { DeliveryError, Outcomes, RecordBatch } from 'millrace/sdk';

const LINE_FEED = 0x0a;
const NEW_LINE = Buffer.from('\n');
const NULL = Buffer.from('null');

const NOT_ONE_LINE: DeliveryError = {
  code: 'RECORD_NOT_JSON',
  message: 'writing the value as a line: it holds a line break and is no JSON; parse it first',
};

/** The records as lines. One that can't be a line is rejected in `outcomes` and left out. */
export function linesOf(records: RecordBatch, outcomes: Outcomes): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < records.length; i += 1) {
    const line = oneLine(records.value(i));
    if (line === undefined) outcomes.reject(i, NOT_ONE_LINE);
    else parts.push(line, NEW_LINE);
  }
  return Buffer.concat(parts);
}

/** The value as it is; spread over lines it is written anew. */
function oneLine(value: Buffer | null): Buffer | undefined {
  if (value === null) return NULL;
  if (!value.includes(LINE_FEED)) return value;
  try {
    return Buffer.from(JSON.stringify(JSON.parse(value.toString('utf8'))));
  } catch {
    return undefined;
  }
}
