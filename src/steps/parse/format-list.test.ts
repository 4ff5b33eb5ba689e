import { describe, expect, it, test } from 'vitest';
import { runStep } from '../../../test/support/run-step.ts';
import type { JsonObject } from '../../record/json.ts';
import { parse } from '../parse.ts';

const run = (options: unknown, value: JsonObject): ReturnType<typeof runStep> => runStep(parse, options, value);

describe('several formats', () => {
  const LIST = { format: ['json', 'logfmt', 'syslog'], format_field: 'event.format' };
  const SYSLOG = 'Oct 11 22:14:15 web sshd[5]: pam_unix(sshd:auth): failure; uid=0 ruser=ann';

  test.each<[string, string, string, JsonObject]>([
    ['json', '{"a":1}', 'json', { a: 1 }],
    ['logfmt', 'level=info a=1', 'logfmt', { level: 'info', a: '1' }],
    ['syslog, also with key=value in it', SYSLOG, 'syslog', { host: { hostname: 'web' }, process: { name: 'sshd', pid: 5 } }],
  ])('are tried in their order: %s', (_name, message, format, fields) => {
    const { outcome, value } = run(LIST, { message });
    expect(outcome).toBeUndefined();
    expect(value).toMatchObject({ ...fields, event: { format, original: message } });
  });

  it('reject a text with the reason of each', () => {
    const { outcome, value } = run(LIST, { message: 'prose' });
    expect(value).toEqual({ message: 'prose' });
    expect(outcome).toMatchObject({
      code: 'PARSE_FAILED',
      message:
        'parsing the field message as json, logfmt or syslog: json: it does not begin with "{", so it is no JSON object; logfmt: it does not begin with key=value; syslog: it begins with neither a priority nor a time, so it is no syslog message',
    });
  });

  it('are named where nothing could be tried', () => {
    expect(run({ format: ['json', 'syslog'] }, {}).outcome).toMatchObject({
      message: expect.stringContaining('as json or syslog: ') as string,
    });
  });

  it('have options of their own, or those of the step', () => {
    const options = {
      format: [
        { format: 'regex', name: 'started', pattern: '^started (?<what>\\w+)$' },
        { format: 'regex', pattern: '^stopped (?<what>\\w+)$', fields: { what: 'service.name' } },
        { format: 'syslog', timezone: '+02:00' },
        'nginx_error',
      ],
      timezone: '+01:00',
      format_field: 'labels.format',
    };
    const read = (message: string): unknown => run(options, { message }).value;
    expect(read('started web')).toMatchObject({ what: 'web', labels: { format: 'started' } });
    expect(read('stopped web')).toMatchObject({ service: { name: 'web' }, labels: { format: 'regex' } });
    expect(read('Oct 11 2026 22:14:15 h su: m')).toMatchObject({ '@timestamp': '2026-10-11T20:14:15.000Z' });
    expect(read('2026/10/11 22:14:15 [error] 1#1: m')).toMatchObject({
      '@timestamp': '2026-10-11T21:14:15.000Z',
      labels: { format: 'nginx_error' },
    });
  });

  it('leave no mark unless it is asked for, and with into it stands outside', () => {
    expect(run({ format: ['json', 'logfmt'] }, { message: 'a=1' }).value).toEqual({ a: '1', event: { original: 'a=1' } });
    expect(run({ format: ['json', 'logfmt'], into: 'x', format_field: 'by' }, { message: 'a=1' }).value).toEqual({
      message: 'a=1',
      x: { a: '1' },
      by: 'logfmt',
    });
    expect(run({ format: 'json', format_field: 'by' }, { message: '{}' }).value).toMatchObject({ by: 'json' });
  });

  it('let the last of them take what it would take alone', () => {
    expect(run({ format: ['json', 'logfmt'] }, { message: 'cached a=1' }).value).toMatchObject({ cached: true, a: '1' });
    expect(run({ format: ['logfmt', 'key_value'] }, { message: 'cached a=1' }).value).not.toHaveProperty('cached');
  });
});

describe('numbers', () => {
  it('take the place of the text', () => {
    expect(run({ format: 'bytes', field: 'size' }, { size: '5.3 MB' }).value).toEqual({ size: 5_300_000 });
    expect(run({ format: 'duration', field: 'a.took', unit: 'ms' }, { a: { took: '1m', b: 1 } }).value).toEqual({
      a: { took: 60_000, b: 1 },
    });
    expect(run({ format: 'bytes', field: 'size', keep_original: false }, { size: '5 B', a: 1 }).value).toEqual({ size: 5, a: 1 });
    expect(run({ format: 'bytes' }, { message: '5 B' }).value).toEqual({ message: 5, event: { original: '5 B' } });
  });

  it('go where they are told to', () => {
    expect(run({ format: 'duration', field: 'took', into: 'event.duration' }, { took: '2us' }).value).toEqual({
      took: '2us',
      event: { duration: 2000 },
    });
    expect(run({ format: 'bytes', field: 'a', into: 'b', keep_original: false }, { a: '5 B' }).value).toEqual({ b: 5 });
    expect(run({ format: ['duration', 'bytes'], field: 'a', into: 'b', format_field: 'c' }, { a: '5 MB' }).value).toEqual({
      a: '5 MB',
      b: 5_000_000,
      c: 'bytes',
    });
  });

  it('leave the text where it is none', () => {
    const { outcome, value } = run({ format: 'duration', field: 'took' }, { took: 'long' });
    expect(value).toEqual({ took: 'long' });
    expect(outcome).toMatchObject({
      code: 'PARSE_FAILED',
      message: expect.stringContaining('as duration: it is no duration') as string,
    });
  });
});

describe('user_agent', () => {
  it('adds to the field that it reads', () => {
    const value = { user_agent: { original: 'curl/8.5.0' }, message: 'm' };
    expect(run({ format: 'user_agent', field: 'user_agent.original' }, value).value).toEqual({
      user_agent: { original: 'curl/8.5.0', name: 'curl', version: '8.5.0' },
      message: 'm',
    });
  });
});

describe('options', () => {
  test.each<[string, unknown, string, RegExp]>([
    ['an empty list', { format: [] }, 'format', /./],
    ['an unknown format in a list', { format: ['json', 'xml'] }, 'format.1', /./],
    [
      'an option that none of them takes',
      { format: ['json', 'logfmt'], pattern: 'x' },
      'pattern',
      /the formats json, logfmt take no "pattern"/,
    ],
    [
      'an option of another format',
      { format: ['json', { format: 'csv', pattern: 'x' }] },
      'format.1.pattern',
      /the format csv takes no "pattern"/,
    ],
    ['a list without its pattern', { format: ['json', 'regex'] }, '', /the format regex needs a "pattern"/],
    ['a pattern that is none', { format: [{ format: 'regex', pattern: '(' }] }, 'format.0.pattern', /malformed/],
    ['numbers among fields', { format: ['json', 'bytes'] }, 'format', /cannot be tried together/],
    ['a column that is no path', { format: 'csv', columns: ['a', '__proto__'] }, 'columns.1', /no field path/],
    ['a column twice', { format: 'csv', columns: ['a', 'b', 'a'] }, 'columns.2', /put over the column a/],
    ['a column within another', { format: 'csv', columns: ['a.b', 'a'] }, 'columns.1', /put over the column a\.b/],
    ['types without columns', { format: 'csv', types: { a: 'integer' } }, 'types', /need "columns"/],
    ['a type of no column', { format: 'csv', columns: ['a'], types: { b: 'integer' } }, 'types.b', /no column b; there are a/],
    ['a quote in the delimiter', { format: 'csv', delimiter: '",' }, 'quote', /part of the delimiter/],
    ['a line break as delimiter', { format: 'csv', delimiter: '\n' }, 'delimiter', /line break/],
    ['one separator for both', { format: 'key_value', pair_separator: '=' }, 'pair_separator', /same character/],
    ['a blank between pairs', { format: 'key_value', pair_separator: ' ' }, 'pair_separator', /left out/],
    ['a blank between values', { format: 'key_value', value_separator: ' ' }, 'value_separator', /needs a "pair_separator"/],
    ['a prefix that is no path', { format: 'key_value', prefix: '__proto__.' }, 'prefix', /cannot begin/],
    ['a zone that is none', { format: ['json', { format: 'klog', timezone: 'Mars' }] }, 'format.1.timezone', /no time zone/],
    ['an unknown unit', { format: 'duration', unit: 'min' }, 'unit', /./],
  ])('refuse %s', (_name, options, path, message) => {
    const issues = flat(parse.options.safeParse(options).error?.issues ?? []);
    const found = issues.filter((issue) => issue.path === path);
    expect(found.map((issue) => issue.message).join('\n'), JSON.stringify(issues)).toMatch(message);
  });
});

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly errors?: readonly (readonly Issue[])[];
}

/** Issues with those of a union's branches, at their whole paths. */
function flat(issues: readonly Issue[], base: readonly PropertyKey[] = []): { path: string; message: string }[] {
  return issues.flatMap(({ path, message, errors = [] }) => {
    const whole = [...base, ...path];
    return [{ path: whole.join('.'), message }, ...flat(errors.flat(), whole)];
  });
}
