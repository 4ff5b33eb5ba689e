import { type CompileResult, compileExpression, compileMap, compileTemplate, defaultScope } from '../../src/expression/index.ts';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import { getField, setField } from '../../src/record/path.ts';
import { StreamRecord } from '../../src/record/record.ts';

/**
 * What an evaluation costs beside the same thing written by hand, in ns: the median of seven rounds over records of
 * several shapes. Compile first (`tsc`), then run it from the project's root.
 */

const ROUNDS = 7;
const EVALUATIONS = 2_000_000;

const records = Array.from({ length: 64 }, (_, i) => {
  const record = new StreamRecord();
  // Records come from JSON.parse, so they are parsed here too: it decides how V8 stores them.
  record.value = JSON.parse(
    JSON.stringify({
      '@timestamp': '2015-05-17T10:05:03Z',
      ...(i % 4 === 0 ? { message: 'an odd one' } : {}),
      http: { request: { method: 'GET' }, ...(i % 8 === 7 ? {} : { response: { status_code: 200 + (i % 5) * 100 } }) },
      url: { path: `/api/${i}`, domain: 'example.org' },
    }),
  ) as JsonObject;
  return record;
});

const STATUS = ['http', 'response', 'status_code'];
const OUTCOME = ['event', 'outcome'];

/** The type of a field as hand-written code would have it. */
interface Access {
  http?: { response?: { status_code?: number }; request?: { method?: string } };
  url?: { path?: string; domain?: string };
}

const fields = (record: StreamRecord): Access => record.value as Access;

const cases: readonly { name: string; compiled: CompileResult; byHand: (record: StreamRecord) => JsonValue | undefined }[] = [
  {
    name: 'http.response.status_code >= 500',
    compiled: compileExpression('http.response.status_code >= 500', defaultScope),
    byHand: (record) => {
      const status = fields(record).http?.response?.status_code;
      return status !== undefined && status >= 500;
    },
  },
  {
    name: "status in [500, 502, 503] && http.request.method === 'GET'",
    compiled: compileExpression("http.response.status_code in [500, 502, 503] && http.request.method === 'GET'", defaultScope),
    byHand: (record) => {
      const { http } = fields(record);
      const status = http?.response?.status_code;
      return (status === 500 || status === 502 || status === 503) && http?.request?.method === 'GET';
    },
  },
  {
    name: "starts_with(url.path, '/api/1') ? 'api' : 'other'",
    compiled: compileExpression("starts_with(url.path, '/api/1') ? 'api' : 'other'", defaultScope),
    byHand: (record) => (fields(record).url?.path?.startsWith('/api/1') === true ? 'api' : 'other'),
  },
  {
    name: 'logs-{{ url.domain }}',
    compiled: compileTemplate('logs-{{ url.domain }}', defaultScope),
    byHand: (record) => `logs-${fields(record).url?.domain ?? ''}`,
  },
  {
    name: 'event.outcome = status >= 500 ? ...',
    compiled: compileMap("event.outcome = http.response.status_code >= 500 ? 'failure' : 'success'", defaultScope),
    byHand: (record) => {
      const status = getField(record.value, STATUS);
      setField(record.value, OUTCOME, typeof status === 'number' && status >= 500 ? 'failure' : 'success');
      return undefined;
    },
  },
];

let kept: JsonValue | undefined;

function nanoseconds(evaluate: (record: StreamRecord) => JsonValue | undefined): number {
  const started = performance.now();
  for (let i = 0; i < EVALUATIONS; i += 1) kept = evaluate(records[i & 63] as StreamRecord);
  return ((performance.now() - started) * 1e6) / EVALUATIONS;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

for (const { name, compiled, byHand } of cases) {
  if (!compiled.ok) throw new Error(compiled.errors.map(({ message }) => message).join('; '));
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(nanoseconds(compiled.evaluate));
    theirs.push(nanoseconds(byHand));
  }
  const [a, b] = [median(ours), median(theirs)];
  console.log(
    `${name.padEnd(60)} ${a.toFixed(1).padStart(7)} ns   by hand ${b.toFixed(1).padStart(7)} ns   ratio ${(a / b).toFixed(2)}`,
  );
}
if (kept === Symbol.iterator.description) console.log(kept);
