import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../record/json.ts';
import { ParseFailure } from '../parser.ts';
import { grokParser } from './grok.ts';

const CASES = '../shared/data/grok/cases.json';

interface Case {
  readonly pattern: string;
  readonly mode: 'legacy' | 'ecs-v1';
  readonly message: string;
  readonly matched: boolean;
  readonly fields: JsonObject;
}

/**
 * The cases where we chose otherwise. Logstash's legacy patterns for columns are greedy across tabs, so that a line of
 * a newer version, which has more columns, puts the columns into the wrong fields. Ours keep the columns apart.
 */
const CHOSEN: readonly { readonly pattern: string; readonly line: string; readonly ours: JsonObject }[] = [
  {
    pattern: '%{CLOUDFRONT_ACCESS_LOG}',
    line: '2019-12-04\t21:02:31\tLAX1\t392\t',
    ours: {
      ssl_cipher: 'ECDHE-RSA-AES128-GCM-SHA256',
      ssl_protocol: 'TLSv1.2',
      x_forwarded_for: '-',
      x_edge_response_result_type: 'Hit',
    },
  },
  {
    pattern: '%{BRO_CONN}',
    line: '1300475168.853899\tC4J4Th3PJpwUYZZ6gc\t',
    ours: { conn_state: 'SF', local_orig: '-', missed_bytes: '0', history: 'Dd' },
  },
  {
    pattern: '%{BRO_FILES}',
    line: '1602576142.884704\tFrp9wcpqbDl991Zh7\t',
    ours: { source: 'HTTP', depth: '0', analyzers: 'SHA1,MD5', mime_type: 'text/plain', md5: '995875a72487a52a657b94e3857ac4fe' },
  },
];

/**
 * Logstash adds what it captures as `message` to the message that is there, unless it is told to overwrite it. Here
 * the captured one takes its place, as with every format of `parse`.
 */
function expected({ fields, message }: Case): JsonObject {
  const captured: JsonValue | undefined = fields['message'];
  if (!Array.isArray(captured) || captured[0] !== message) return fields;
  return { ...fields, message: captured.length === 2 ? (captured[1] as string) : captured.slice(1) };
}

const cases: readonly Case[] = existsSync(CASES) ? (JSON.parse(readFileSync(CASES, 'utf8')) as { cases: Case[] }).cases : [];
const chosen = ({ pattern, message, mode }: Case): (typeof CHOSEN)[number] | undefined =>
  mode === 'legacy' ? CHOSEN.find((choice) => choice.pattern === pattern && message.startsWith(choice.line)) : undefined;
const parsed = ({ pattern, mode, message }: Case): unknown => {
  const result = grokParser({ patterns: [pattern], ecs: mode === 'ecs-v1' })(message, -1);
  return result instanceof ParseFailure ? undefined : JSON.parse(JSON.stringify(result));
};

describe.skipIf(cases.length === 0)("the cases of Logstash's own tests", () => {
  const same = cases.filter((each) => chosen(each) === undefined);

  test.each(same.map((each) => [`${each.mode} ${each.pattern} on ${each.message}`, each] as const))('%s', (_name, each) => {
    expect(parsed(each)).toEqual(each.matched ? expected(each) : undefined);
  });

  it.each(CHOSEN)('keeps columns apart: $pattern', (choice) => {
    const each = cases.find((candidate) => chosen(candidate) === choice);
    expect(each).toBeDefined();
    expect(parsed(each as Case)).toMatchObject(choice.ours);
  });

  it('differs in those only', () => {
    expect(cases.length - same.length).toBe(CHOSEN.length);
  });
});
