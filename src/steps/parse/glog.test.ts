import { describe, expect, it, test } from 'vitest';
import { parseZone, type Zone } from '../../record/zone.ts';
import { glogParser } from './glog.ts';
import { ParseFailure } from './parser.ts';

const ARRIVED = Date.UTC(2026, 0, 5);
const utc = parseZone('UTC') as Zone;
const read = (text: string, structured: boolean): Record<string, unknown> => {
  const result = glogParser(utc, structured)(text, ARRIVED);
  return result instanceof ParseFailure
    ? { reason: result.reason }
    : (JSON.parse(JSON.stringify(result)) as Record<string, unknown>);
};

describe('glog', () => {
  it('reads header and message, whose year is that of its arrival', () => {
    expect(read('W1231 23:59:59.123456   12345 server.cc:42] disk is full: 99%\nat /var', false)).toEqual({
      '@timestamp': '2025-12-31T23:59:59.123Z',
      message: 'disk is full: 99%\nat /var',
      log: { level: 'warning', origin: { file: { name: 'server.cc', line: 42 } } },
      process: { thread: { id: 12_345 } },
    });
  });

  test.each<[string, Record<string, unknown>]>([
    [
      'I20240102 03:04:05.000001 1 a/b-c.go:7] m',
      { '@timestamp': '2024-01-02T03:04:05.000Z', log: { level: 'info', origin: { file: { name: 'a/b-c.go', line: 7 } } } },
    ],
    ['F0102 03:04:05.000001 1 a.go:7] ', { message: '', log: { level: 'fatal' } }],
    ['E0102 03:04:05.000001 1 a.go:7] "quoted" a="b"', { message: '"quoted" a="b"' }],
  ])('reads %s', (text, some) => {
    expect(read(text, false)).toMatchObject(some);
  });

  test.each<[string, RegExp]>([
    ['INFO started', /does not begin with a header/],
    ['X0102 03:04:05.000001 1 a.go:7] m', /header/],
    ['I0230 03:04:05.000001 1 a.go:7] m', /no such time/],
  ])('refuses %s', (text, reason) => {
    expect(read(text, false)['reason']).toMatch(reason);
  });
});

describe('klog', () => {
  const H = 'I0102 03:04:05.000001       1 controller.go:116] ';
  const said = (text: string): unknown[] => {
    const { message, klog } = read(H + text, true);
    return [message, klog];
  };

  // The examples of Kubernetes's guide to structured logging, and what klog's own tests write.
  test.each<[string, string, unknown, unknown]>([
    [
      'pairs',
      '"Pod status updated" pod="kube-system/kubedns" status="ready"',
      'Pod status updated',
      { pod: 'kube-system/kubedns', status: 'ready' },
    ],
    ['escapes', '"say \\"hi\\"\\n" err="no \\\\ \\u00e9\\x21"', 'say "hi"\n', { err: 'no \\ \u00e9!' }],
    [
      'numbers and booleans',
      '"x" count=5 took=0.5 ok=true big=12345678901234567890 none=<nil>',
      'x',
      { count: 5, took: 0.5, ok: true, big: '12345678901234567890', none: null },
    ],
    [
      'what Go formats',
      '"x" pods=[a b "c ]"] at={Name:x Age:5} m=map[a:b c:d] z="1"',
      'x',
      { pods: '[a b "c ]"]', at: '{Name:x Age:5}', m: 'map[a:b c:d]', z: '1' },
    ],
    ['several lines', '"x" text=<\n\tline 1\n\tline "2"\n > a=1', 'x', { text: 'line 1\nline "2"', a: 1 }],
    ['an empty value', '"x" a= b="1"', 'x', { a: '', b: '1' }],
    ['a message alone', '"x"', 'x', undefined],
    ['prose', 'Starting a="b"', 'Starting a="b"', undefined],
    ['a quote that does not end', '"x a=1', '"x a=1', undefined],
    ['a value that does not end', '"x" a="b', '"x" a="b', undefined],
    ['what is no pair', '"x" and more', '"x" and more', undefined],
  ])('reads %s', (_name, text, message, klog) => {
    expect(said(text)).toEqual([message, klog]);
  });

  it('never reaches a prototype', () => {
    expect(JSON.stringify((glogParser(utc, true)(`${H}"x" __proto__=1`, ARRIVED) as Record<string, unknown>)['klog'])).toBe(
      '{"__proto__":1}',
    );
  });
});
