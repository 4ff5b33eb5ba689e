import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { Logger } from '../sdk/logger.ts';
import { ClientWatch } from './watch.ts';

function recorder(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

const loud = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith('debug'));

test('one line for each change between reachable and not, however often the client tries', () => {
  const { log, lines } = recorder();
  const client = new EventEmitter();
  const watch = new ClientWatch(client, 'c', log);
  for (let i = 0; i < 50; i += 1) {
    client.emit('event.error', new Error('Local: Broker transport failure'));
    client.emit('event.error', new Error('Local: All broker connections are down'));
    client.emit('event.log', { severity: 3, fac: 'FAIL', message: 'Connect to ipv4#127.0.0.1:1 failed: Connection refused' });
  }
  expect(loud(lines)).toEqual(['warn: Kafka cannot be reached; waiting for it']);
  watch.reached();
  watch.reached();
  expect(loud(lines).slice(1)).toEqual(['info: Kafka can be reached again']);
  client.emit('event.error', new Error('Local: All broker connections are down'));
  expect(loud(lines)).toHaveLength(3);
});

test('passes on what librdkafka says, at its severity', () => {
  const { log, lines } = recorder();
  const client = new EventEmitter();
  new ClientWatch(client, 'c', log);
  for (const severity of [2, 3, 4, 5, 6, 7]) client.emit('event.log', { severity, fac: 'X', message: `m${severity}` });
  expect(lines).toEqual(['error: m2', 'warn: m3', 'warn: m4', 'info: m5', 'debug: m6', 'debug: m7']);
});

test('finds the code again in an error of which there is only a text', () => {
  const { log } = recorder();
  const codes: number[] = [];
  const client = new EventEmitter();
  new ClientWatch(client, 'c', log, ({ code }) => codes.push(code));
  client.emit('event.error', new Error('Application maximum poll interval exceeded'));
  client.emit('event.error', new Error('Local: Maximum application poll interval (max.poll.interval.ms) exceeded'));
  expect(codes).toEqual([-1, -147]);
});
