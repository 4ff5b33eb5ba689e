import { expect, it, test } from 'vitest';
import type { JsonObject } from '../../record/json.ts';
import { userAgentParser } from './user-agent.ts';

const parse = userAgentParser();
const read = (text: string): Record<string, unknown> =>
  JSON.parse(JSON.stringify((parse(text, -1) as JsonObject)['user_agent'])) as Record<string, unknown>;

test.each<[string, string, Record<string, unknown>]>([
  [
    'Chrome on a Mac',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    {
      name: 'Chrome',
      version: '120.0.0.0',
      os: { name: 'Mac OS', version: '10.15.7', full: 'Mac OS 10.15.7' },
      device: { name: 'Macintosh' },
    },
  ],
  [
    'Firefox on Linux',
    'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0',
    { name: 'Firefox', version: '115.0', os: { name: 'Ubuntu', full: 'Ubuntu' } },
  ],
  [
    'Safari on an iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 12_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.0 Mobile/15E148 Safari/604.1',
    {
      name: 'Mobile Safari',
      version: '12.0',
      os: { name: 'iOS', version: '12.1', full: 'iOS 12.1' },
      device: { name: 'iPhone' },
    },
  ],
  [
    'a crawler',
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    { name: 'Googlebot', version: '2.1', device: { name: 'Spider' } },
  ],
  ['a program', 'curl/8.5.0', { name: 'curl', version: '8.5.0' }],
  ['a probe', 'kube-probe/1.29', { name: 'kube-probe', version: '1.29' }],
  ['nothing known', '-', {}],
  ['nothing', '', {}],
])('reads %s', (_name, text, expected) => {
  expect(read(text)).toEqual({ original: text, ...expected });
});

it('gives each record objects of its own, also of an agent that is remembered', () => {
  const [a, b] = [parse('curl/8.5.0', -1), parse('curl/8.5.0', -1)] as [JsonObject, JsonObject];
  expect(a).toEqual(b);
  (a['user_agent'] as JsonObject)['name'] = 'changed';
  expect(read('curl/8.5.0')['name']).toBe('curl');
});

it('reads agents right while far more than are remembered come by', () => {
  for (let i = 0; i < 10_000; i += 1) {
    const at = i % 5_000;
    expect((parse(`curl/8.${at}`, -1) as { user_agent: { version: string } }).user_agent.version).toBe(`8.${at}`);
  }
});

it('takes bounded time for what pretends to be an agent', () => {
  for (const piece of ['bot', 'a-', 'Mozilla/5.0 (', '; ', 'Version/1 ', 'android ', '((((']) {
    const begin = performance.now();
    for (let i = 0; i < 20; i += 1) parse(`${i} ${piece.repeat(100_000)}`, -1);
    expect(performance.now() - begin, piece).toBeLessThan(2000);
  }
});
