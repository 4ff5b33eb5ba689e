import { existsSync, readFileSync } from 'node:fs';
import { Outcomes } from 'millrace/sdk';
import { describe, expect, it } from 'vitest';
import type { BulkRequest } from './request.ts';
import { readOutcomes } from './response.ts';

/** Answers captured from Elasticsearch 8.19.8; each says what was sent. */
interface Captured {
  readonly sent: readonly string[];
  readonly answer: { readonly items: readonly unknown[] };
  readonly outcomes: readonly string[];
}

const captured = JSON.parse(readFileSync(new URL('./testdata/answers.json', import.meta.url), 'utf8')) as Record<
  string,
  Captured
>;

function requestOf(count: number): BulkRequest {
  return {
    body: Buffer.alloc(0),
    memory: Buffer.alloc(0),
    count,
    rows: Uint32Array.from({ length: count }, (_, i) => i),
    rejected: [],
  };
}

/** Each record's outcome, with the code of its error. */
function outcomesOf(answer: unknown, count: number): string[] {
  const outcomes = new Outcomes(count);
  readOutcomes(answer, { request: requestOf(count), target: 'logs', node: 'http://es' }, outcomes);
  return Array.from({ length: count }, (_, i) =>
    [outcomes.of(i), outcomes.errorOf(i)?.code].filter((part) => part !== undefined).join(' '),
  );
}

describe('answers of a real server', () => {
  it.each(Object.entries(captured))('%s', (_name, { sent, answer, outcomes }) => {
    expect(outcomesOf(answer, sent.length)).toEqual(outcomes);
  });
});

const item = (status: number, type: string, reason = 'why') => ({ create: { status, error: { type, reason } } });

describe('items', () => {
  it.each([
    [item(409, 'version_conflict_engine_exception'), 'duplicate'],
    [item(409, 'other_conflict'), 'retry ES_BUSY'],
    [{ create: { status: 409 } }, 'retry ES_BUSY'],
    [
      item(
        429,
        'cluster_block_exception',
        'index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]',
      ),
      'retry ES_BLOCKED',
    ],
    [item(403, 'cluster_block_exception'), 'retry ES_BLOCKED'],
    [item(403, 'index_closed_exception'), 'retry ES_INDEX_CLOSED'],
    [item(404, 'index_not_found_exception'), 'retry ES_INDEX_MISSING'],
    [item(401, 'security_exception'), 'retry ES_FORBIDDEN'],
    [item(403, 'security_exception'), 'retry ES_FORBIDDEN'],
    [
      item(
        400,
        'validation_exception',
        'Validation Failed: 1: this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum normal shards open;',
      ),
      'retry ES_BLOCKED',
    ],
    [item(400, 'illegal_argument_exception', 'pipeline with id [geo] does not exist'), 'retry ES_TARGET_UNFIT'],
    // A document must not be able to make itself be sent for ever.
    [
      item(400, 'document_parsing_exception', "failed to parse field [n]. Preview of field's value: 'no write index is defined'"),
      'rejected ES_DOCUMENT_REJECTED',
    ],
    [
      item(400, 'illegal_argument_exception', 'mapper [illegal_argument_exception: no write index is defined] cannot be changed'),
      'rejected ES_DOCUMENT_REJECTED',
    ],
    [item(400, 'invalid_index_name_exception'), 'rejected ES_INDEX_NAME'],
    [item(400, 'illegal_argument_exception', 'Limit of total fields [1000] has been exceeded'), 'rejected ES_DOCUMENT_REJECTED'],
    [{ create: { status: 400 } }, 'rejected ES_DOCUMENT_REJECTED'],
    [{ create: { status: 201, error: { type: 'odd', reason: 'both' } } }, 'retry ES_BUSY'],
    [{ create: { status: 302 } }, 'retry ES_BUSY'],
    [{ create: {} }, 'unknown'],
    [{ create: { status: '201' } }, 'unknown'],
    [{}, 'unknown'],
    [null, 'unknown'],
  ])('%j is %s', (one, outcome) => {
    expect(outcomesOf({ errors: true, items: [one] }, 1)).toEqual([outcome]);
  });

  it('are not looked at where the answer says that there were no errors; one that does not say is none', () => {
    expect(outcomesOf({ errors: false, items: [{ create: { status: 201 } }] }, 1)).toEqual(['delivered']);
    expect(() => outcomesOf({ items: [{ create: { status: 201 } }] }, 1)).toThrow('it does not say whether there were errors');
  });

  it('bound the reason that they give', () => {
    const outcomes = new Outcomes(1);
    const answer = { errors: true, items: [item(400, 'document_parsing_exception', 'x'.repeat(100_000))] };
    readOutcomes(answer, { request: requestOf(1), target: 'logs', node: 'n' }, outcomes);
    expect(outcomes.errorOf(0)?.message.length).toBeLessThan(1_200);
  });
});

/** The behaviours of other sinks that the project keeps as a checklist, where they are at hand. */
interface OtherCase {
  readonly id: string;
  readonly responses: readonly (
    | string
    | { readonly statuses?: readonly number[]; readonly errors?: boolean; readonly error?: unknown; readonly note?: string }
  )[];
}

const checklist = new URL('../../../shared/data/es_bulk/cases.json', import.meta.url);

/** What our sink says to the first item answers of each case with statuses; other statuses than 409 follow from the table above. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  'ls-503-only-failed-items': ['delivered', 'delivered', 'retry ES_BUSY', 'retry ES_BUSY'],
  'ls-429-retried': ['retry ES_BUSY'],
  'ls-502-retried': ['retry ES_BUSY'],
  'ls-503-retried': ['retry ES_BUSY'],
  'ls-retry-until-non-retryable': ['retry ES_BUSY'],
  'ls-backoff': ['retry ES_BUSY'],
  'ls-mapping-400-not-retried': ['rejected ES_DOCUMENT_REJECTED'],
  'ls-more-items-than-sent': ['ES_BAD_ANSWER'],
  'ls-dlq-400': ['rejected ES_DOCUMENT_REJECTED'],
  // Logstash may be told to dead-letter 403: ours never does, for an operator mends it.
  'ls-dlq-custom-403': ['retry ES_FORBIDDEN'],
  // Logstash may be told to drop these: ours waits until the index is open.
  'ls-drop-error-types': ['retry ES_INDEX_CLOSED'],
  // Logstash drops it with a warning. The case has no error type; with Elasticsearch's own it is a duplicate (see above).
  'ls-409-conflict': ['retry ES_BUSY'],
};

/** Cases that say nothing about an item's status, and where ours is shown or why there is no counterpart. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'ls-all-ok': 'sink.test.ts: names the target in its address',
  'ls-exception-retried': 'sink.test.ts: cut off answers leave all unknown; the runtime sends again',
  'ls-mixed-one-bad': 'integration: that do not fit are rejected with the reason, and nothing beside them is',
  'ls-http-429-whole-request': 'sink.test.ts: 429 leaves all unknown',
  'ls-http-413':
    'differs: Logstash sends the same again for ever; ours halves it (refuseAll), down to the record that is too large',
  'ls-no-error-body': 'items: an item without a status leaves its record unknown',
  'ls-unreachable-shutdown': 'sink.test.ts: ends a request by the signal, with its reason',
  'ls-invalid-action': 'no counterpart: every action is create',
  'vec-400-no-retry': 'items: 400 is rejected with type and reason',
  'vec-partial-429': 'items: only what failed is retried',
  'vec-create-error-reason': 'answers: mapping conflicts are rejected with the reason of the item under `create`',
  'vec-http-statuses':
    'differs: Vector drops 501, 4xx and what it cannot parse; ours waits (sink.test.ts), or halves the request',
  'vec-create-action-template': 'no counterpart: every action is create',
  'vec-external-version-missing': 'no counterpart yet: versions come with revised results',
  'vec-partial-failure-integration': 'integration: that do not fit; arrive compressed as well',
  'kc-ignore-malformed': 'integration: dead letters, and the rest is indexed',
  'kc-fail-malformed': 'differs: a bad document never stops the sink',
  'kc-report-malformed': 'integration: the bad record alone is rejected',
  'kc-report-and-fail': 'differs: a bad document never stops the sink',
  'kc-report-never-on-success': 'integration: created once',
  'kc-external-version-conflict': 'integration: sent again, they are duplicates',
  'kc-socket-timeout': 'sink.test.ts: ends a request without an answer; the runtime sends again',
  'kc-429': 'differs: Kafka Connect fails the task after its retries; ours waits for ever',
  'kc-503': 'differs: Kafka Connect fails the task after its retries; ours waits for ever',
  'kc-flush-before-linger': 'no counterpart: the sink does not linger, the runtime cuts batches',
};

describe.skipIf(!existsSync(checklist))('the checklist of other sinks', () => {
  const cases = existsSync(checklist) ? (JSON.parse(readFileSync(checklist, 'utf8')) as { cases: OtherCase[] }).cases : [];

  it('is walked through whole', () => {
    const known = [...Object.keys(OURS), ...Object.keys(ELSEWHERE)].sort();
    expect(cases.map(({ id }) => id).sort()).toEqual(known);
  });

  it.each(cases.filter(({ id }) => id in OURS))('$id', ({ id, responses }) => {
    const [first] = responses;
    if (typeof first !== 'object' || first.statuses === undefined) throw new Error(`${id} has no statuses`);
    const items = first.statuses.map((status) => ({ create: status < 300 ? { status } : { status, error: first.error } }));
    const sent = id === 'ls-more-items-than-sent' ? 2 : items.length;
    const said = (): string[] => outcomesOf({ errors: first.errors, items }, sent);
    if (OURS[id]?.[0] === 'ES_BAD_ANSWER') expect(said).toThrow('it has 3 items for 2 documents');
    else expect(said()).toEqual(OURS[id]);
  });
});
