import { describe, expect, it } from 'vitest';
import { type Environment, resolvePlain, substitute } from './substitution.ts';

const environment: Environment = {
  variables: { HOST: 'example.org', EMPTY: '', API_TOKEN: 'abcdef', __proto__: 'no' } as Record<string, string>,
  readFile: (path) => {
    if (path !== '/run/secrets/key') throw Object.assign(new Error('no'), { code: 'ENOENT' });
    return 'top secret\r\n';
  },
};

const fill = (text: string): ReturnType<typeof substitute> => substitute(text, environment, (path) => path);

describe('substitute', () => {
  it.each([
    ['http://${HOST}:9200', 'http://example.org:9200'],
    ['${HOST}${HOST}', 'example.orgexample.org'],
    ['${NONE:-fallback}', 'fallback'],
    ['${NONE:-}', ''],
    ['${EMPTY:-fallback}', 'fallback'],
    ['${EMPTY}', ''],
    ['${HOST:-fallback}', 'example.org'],
    ['$${HOST}', '${HOST}'],
    ['$$${HOST}', '$${HOST}'],
    ['$${HOST} ${HOST}', '${HOST} example.org'],
    ['costs $5 and {{ field }}', 'costs $5 and {{ field }}'],
    ['${file:/run/secrets/key}', 'top secret'],
    ['${URL:-http://127.0.0.1:9200}', 'http://127.0.0.1:9200'],
  ])('fills in %s', (text, expected) => {
    const filled = fill(text);
    expect(filled.problems).toEqual([]);
    expect(filled.text).toBe(expected);
  });

  it('reports every variable that is missing, and where', () => {
    expect(fill('${A} and ${HOST} and ${B_2}').problems).toEqual([
      { code: 'CONFIG_VARIABLE_MISSING', parameters: { name: 'A' }, index: 0, length: 4 },
      { code: 'CONFIG_VARIABLE_MISSING', parameters: { name: 'B_2' }, index: 21, length: 6 },
    ]);
  });

  it.each(['${name}', '${}', '${HOST', '${HOST-default}', '${1A}', '${toString}'])('refuses %s', (text) => {
    expect(fill(text).problems.map(({ code }) => code)).toEqual(['CONFIG_VARIABLE_SYNTAX']);
  });

  it('looks up own variables only', () => {
    expect(fill('${CONSTRUCTOR}').problems).toHaveLength(1);
  });

  it('says why a secret file cannot be read', () => {
    expect(fill('${file:/nowhere}').problems).toEqual([
      {
        code: 'CONFIG_SECRET_UNREADABLE',
        parameters: { path: '/nowhere', reason: 'there is no such file' },
        index: 0,
        length: 16,
      },
    ]);
  });

  it('takes files, and variables that are named like one, for secrets', () => {
    expect(fill('${file:/run/secrets/key} ${API_TOKEN} ${HOST}').secrets).toEqual(['top secret', 'abcdef']);
  });

  it('knows where each character comes from', () => {
    const filled = fill('a ${HOST} $${b} c');
    const origins = [...filled.text].map((_, i) => filled.originOf(i));
    expect(origins[0]).toBe(0);
    expect(origins[filled.text.indexOf('example')]).toBe(2);
    expect(origins[filled.text.indexOf('b}')]).toBe('a ${HOST} $${b} c'.indexOf('b}'));
    expect(origins[filled.text.indexOf(' c') + 1]).toBe('a ${HOST} $${b} c'.indexOf(' c') + 1);
  });
});

describe('resolvePlain', () => {
  it.each([
    ['9200', 9200],
    ['-1.5e3', -1500],
    ['0x1F', 31],
    ['0o17', 15],
    ['true', true],
    ['False', false],
    ['null', null],
    ['~', null],
    ['', ''],
    ['yes', 'yes'],
    ['10s', '10s'],
    ['.', '.'],
    ['1.2.3', '1.2.3'],
    ['.inf', '.inf'],
    ['12345678901234567890', '12345678901234567890'],
  ])('reads %j as YAML does', (text, expected) => {
    expect(resolvePlain(text)).toBe(expected);
  });
});
