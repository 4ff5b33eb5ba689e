/** Cases by others, where they are present: Fluent Bit's, Filebeat's, and logs of Kafka brokers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readOnce, temporaryLog } from '../recorded-follower.ts';

const DATA = fileURLToPath(new URL('../../../../shared/data/multiline/', import.meta.url));
const FLUENT_BIT = `${DATA}fluentbit_internal_multiline.json`;
const FILEBEAT = `${DATA}filebeat_multiline.json`;
const EXAMPLES = `${DATA}fluentbit/documentation/examples/multiline/`;
const KAFKA = `${DATA}kafka_logs/`;

const temporary = temporaryLog();

async function read(multiline: unknown, content: string) {
  await writeFile(temporary.log, content);
  return readOnce({ include: [temporary.log], multiline });
}

/** Messages have no line break at their end, where Fluent Bit keeps it. */
const withoutEnd = (text: string): string => text.replace(/\n$/, '');

/** Options that are in the place of each Fluent Bit case's parsers. */
const fluentBitCases: Readonly<Record<string, unknown>> = {
  docker: 'docker',
  cri: 'cri',
  endswith: { unfinished: '\\\\$' },
  container_mix: ['docker', 'cri'],
  docker_cri_chain: ['docker', 'cri'],
  java: 'java',
  ruby: 'ruby',
  python: 'python',
  elastic: 'java',
  go: 'go',
  issue_3817_1: { preset: 'cri', start: '^\\[DEBUG\\]', continue: '^\\d' },
};

describe.skipIf(!existsSync(FLUENT_BIT))("Fluent Bit's cases", () => {
  const { arrays } = existsSync(FLUENT_BIT)
    ? (JSON.parse(readFileSync(FLUENT_BIT, 'utf8')) as { arrays: Record<string, string[]> })
    : { arrays: {} };

  it('are all here', () => {
    const names = Object.keys(arrays).filter((name) => name.endsWith('_input'));
    expect(names.map((name) => name.replace(/_input$/, '')).toSorted()).toEqual(Object.keys(fluentBitCases).toSorted());
  });

  it.each(Object.entries(fluentBitCases))('%s', async (name, multiline) => {
    const input = (arrays[`${name}_input`] ?? []).map((line) => {
      // Two of the Docker lines hold a line feed inside of a JSON text, which no line of a file can: it is escaped here.
      const whole = withoutEnd(line);
      return name.startsWith('docker') || name.startsWith('container') ? whole.replaceAll('\n', '\\n') : whole;
    });
    const output = (arrays[`${name}_output`] ?? []).map(withoutEnd);
    expect((await read(multiline, `${input.join('\n')}\n`)).messages).toEqual(output);
  });

  it('of its documentation: patterns', async () => {
    const content = readFileSync(`${EXAMPLES}regex-001/test.log`, 'utf8');
    const multiline = { start: 'Dec \\d+ \\d+:\\d+:\\d+', continue: '^\\s+at' };
    const lines = content.trimEnd().split('\n');
    expect((await read(multiline, content)).messages).toEqual([lines[0], lines.slice(1, 7).join('\n'), lines[7]]);
  });

  it('of its documentation: languages together', async () => {
    const content = readFileSync(`${EXAMPLES}filter_multiline/test.log`, 'utf8');
    const lines = content.trimEnd().split('\n');
    const { messages } = await read(['java', 'go'], content);
    expect(messages).toEqual([lines[0], lines.slice(1, 7).join('\n'), lines[7], lines.slice(8, 59).join('\n'), lines[59]]);
  });
});

interface FilebeatCase {
  readonly test: string;
  readonly pattern: string;
  readonly negate: boolean;
  readonly match: 'after' | 'before';
  readonly flush_pattern: string | null;
  readonly max_lines: number | null;
  readonly input: string;
  readonly expected: readonly string[];
  readonly flag_truncated?: boolean;
}

/** What stands for Filebeat's `negate` and `match`. */
function optionsFor({ pattern, negate, match, flush_pattern: flush, max_lines: maxLines }: FilebeatCase): object {
  const key = match === 'after' ? (negate ? 'start' : 'continue') : negate ? 'end' : 'unfinished';
  return { [key]: pattern, ...(flush === null ? {} : { end: flush }), ...(maxLines === null ? {} : { max_lines: maxLines }) };
}

describe.skipIf(!existsSync(FILEBEAT))("Filebeat's cases", () => {
  const cases = existsSync(FILEBEAT) ? (JSON.parse(readFileSync(FILEBEAT, 'utf8')) as { cases: FilebeatCase[] }).cases : [];

  it.each(cases.map((each) => [each.test, each] as const))('%s', async (_, each) => {
    const { messages, records } = await read(optionsFor(each), each.input);
    expect(messages).toEqual(each.expected);
    if (each.flag_truncated === undefined) return;
    const truncated = records.map((record) => JSON.stringify(record['log']).includes('"truncated"'));
    expect(truncated).toEqual(messages.map(() => each.flag_truncated));
  });
});

describe.skipIf(!existsSync(KAFKA))('logs of Kafka brokers', () => {
  const names = existsSync(KAFKA) ? readdirSync(KAFKA).filter((name) => name.endsWith('.txt')) : [];

  it.each(names)('%s', async (name) => {
    const content = readFileSync(`${KAFKA}${name}`, 'utf8');
    const expected: string[] = [];
    for (const line of content.trimEnd().split('\n')) {
      if (/^\[\d{4}-/.test(line) || expected.length === 0) expected.push(line);
      else expected.push(`${expected.pop()}\n${line}`);
    }
    expect((await read('kafka', content)).messages).toEqual(expected);
    expect((await read('timestamp', content)).messages).toEqual(expected);
  });

  it('hold 4,198 lines, none of which is lost', async () => {
    let lines = 0;
    let most = 0;
    for (const name of names) {
      const { messages } = await read('kafka', readFileSync(`${KAFKA}${name}`, 'utf8'));
      for (const message of messages) {
        const here = message.split('\n').length;
        lines += here;
        most = Math.max(most, here);
      }
    }
    expect({ lines, most }).toEqual({ lines: 4198, most: 139 });
  });

  it.each(names)('%s has its stack traces whole by the preset java too', async (name) => {
    const { messages } = await read('java', readFileSync(`${KAFKA}${name}`, 'utf8'));
    const orphans = messages.filter((message) => /^\s+at |^java\./.test(message));
    expect(orphans).toEqual([]);
  });
});
