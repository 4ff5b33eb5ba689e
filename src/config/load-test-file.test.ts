import { describe, expect, it } from 'vitest';
import { formatDiagnostic, loadTestFile } from './index.ts';

function complaints(text: string): string[] {
  const loaded = loadTestFile('a.test.yaml', { variables: {}, readFile: () => text });
  return loaded.ok ? [] : loaded.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic));
}

describe('loadTestFile', () => {
  it('says all that is wrong at once, where it stands, and what was meant', () => {
    const text = `
now: yesterday
test: 1
tests:
  - name: one
    given:
      - topic: in
        vlaue: { a: 1 }
      - advance: soon
      - source: web
        key: a
      - {}
    expect:
      topics: { out: { unorderd: true } }
      dead_letters: [ { cod: X } ]
  - name: one
    given: [ { topic: in, text: a, at: 25:00:00 } ]
    expect: {}
`;
    expect(complaints(text)).toEqual([
      'a.test.yaml:2:6: error CONFIG_INVALID_VALUE: "now": "yesterday" is no time with a date and a zone; write 2026-05-17T08:00:00Z',
      'a.test.yaml:3:1: error CONFIG_UNKNOWN_KEY: unknown key "test" in the test file; did you mean "tests"?',
      'a.test.yaml:7:16: error CONFIG_INVALID_VALUE: "given[0].topic": needs "value", "text" or "records"',
      'a.test.yaml:8:9: error CONFIG_UNKNOWN_KEY: unknown key "vlaue" in "given[0]" of test 1; did you mean "value"?',
      'a.test.yaml:9:18: error CONFIG_INVALID_VALUE: "given[1].advance": "soon" is no duration; write a number and a unit: 500ms, 10s, 5m, 1h, 7d',
      'a.test.yaml:11:14: error CONFIG_INVALID_VALUE: "given[2].key": does not belong to "source"; a source reads "lines" or "bytes"; records go into a "topic"',
      'a.test.yaml:12:9: error CONFIG_INVALID_VALUE: "given[3]": has none of "source", "topic" and "advance"; a step is one of them',
      'a.test.yaml:14:24: error CONFIG_UNKNOWN_KEY: unknown key "unorderd" in "expect.topics.out" of test 1; did you mean "unordered"?',
      'a.test.yaml:15:25: error CONFIG_UNKNOWN_KEY: unknown key "cod" in "expect.dead_letters[0]" of test 1; did you mean "code"?',
      'a.test.yaml:17:40: error CONFIG_INVALID_VALUE: "given[0].at": "25:00:00" is no time; write 2026-05-17T08:00:00Z, 08:00:05 (of the day of "now"), or +5s and -5s (from "now")',
    ]);
  });

  it('refuses two tests of one name, and a file without tests', () => {
    const test = '{ name: one, given: [ { advance: 1s } ], expect: {} }';
    expect(complaints(`tests: [ ${test}, ${test} ]`)).toEqual([
      'a.test.yaml:1:73: error CONFIG_DUPLICATE_TEST: there is another test of the name "one", on line 1',
    ]);
    expect(complaints('[]')).toEqual([
      'a.test.yaml:1:1: error CONFIG_NO_TESTS: the file has no tests in it; it has a list "tests"',
    ]);
    expect(complaints('now: 2026-01-01T00:00:00Z')).toEqual([
      'a.test.yaml:1:1: error CONFIG_MISSING_KEY: the test file needs the key "tests"',
    ]);
  });

  it('reads times by the beginning of the tests, and puts them into values without one', () => {
    const text = `
now: 2026-05-17T08:00:00Z
tests:
  - name: one
    given:
      - topic: in
        key: k
        records:
          - { at: +1m30s, value: { n: 1 } }
          - { at: 23:59:59.5, text: raw }
          - { at: 2026-05-18T00:00:00+02:00, key: own, value: { '@timestamp': mine } }
          - { value: null }
    expect: {}
`;
    const loaded = loadTestFile('dir/a.test.yaml', { variables: {}, readFile: () => text });
    if (!loaded.ok) throw new Error('it loads');
    expect(loaded.tests.pipeline).toMatch(/\/dir\/a\.yaml$/);
    expect(loaded.tests.tests[0]?.given).toEqual([
      {
        kind: 'topic',
        topic: 'in',
        line: 6,
        records: [
          { key: 'k', time: Date.UTC(2026, 4, 17, 8, 1, 30), value: { '@timestamp': '2026-05-17T08:01:30.000Z', n: 1 } },
          { key: 'k', time: Date.UTC(2026, 4, 17, 23, 59, 59, 500), text: 'raw' },
          { key: 'own', time: Date.UTC(2026, 4, 17, 22), value: { '@timestamp': 'mine' } },
          { key: 'k', value: null },
        ],
      },
    ]);
  });
});
