import { readFileSync } from 'node:fs';
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
