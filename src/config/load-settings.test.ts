import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Settings } from '../topology/settings.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { loadSettings, type SettingsRequest } from './load-settings.ts';
import { readTextFile } from './read-text-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-settings-'));
  mkdirSync(join(directory, 'config'));
});
afterEach(() => rmSync(directory, { recursive: true }));

type Given = Partial<Omit<SettingsRequest, 'environment'>> & { variables?: Record<string, string> };

function load({ variables = {}, ...rest }: Given = {}): ReturnType<typeof loadSettings> {
  return loadSettings({ directory, environment: { variables, readFile: readTextFile }, ...rest });
}

function settings(given?: Given): Settings {
  const loaded = load(given);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(formatDiagnostic).join('\n'));
  return loaded.settings;
}

function problems(given: Given): string {
  const loaded = load(given);
  return loaded.ok ? '' : loaded.diagnostics.map(formatDiagnostic).join('\n').replaceAll(directory, '');
}

const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};

describe('loadSettings', () => {
  it('has the local cluster as its default', () => {
    const { kafka, zookeeper, namespace, commit, admin, dataDirectory, delivery } = settings();
    expect(kafka).toMatchObject({
      mode: 'cluster',
      brokers: '127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094',
      sessionTimeoutMs: 10_000,
      batches: 'auto',
    });
    expect(kafka.replication).toBeUndefined();
    expect(zookeeper).toBe('127.0.0.1:2181');
    expect(commit).toEqual({ intervalMs: 100, maxRecords: 50_000, maxBytes: 16_000_000 });
    expect(admin).toEqual({ enabled: true, host: '127.0.0.1', port: 7070 });
    expect([namespace, dataDirectory, delivery]).toEqual(['millrace', join(directory, '.millrace'), undefined]);
  });

  it('runs the embedded broker at least once', () => {
    const { kafka, delivery, zookeeper } = settings({ profile: 'embedded' });
    expect([kafka.mode, delivery, zookeeper]).toEqual(['embedded', 'at_least_once', undefined]);
  });

  it('asks for the brokers in production', () => {
    expect(problems({ profile: 'production' })).toMatch(
      /production\.yaml:\d+:\d+: error CONFIG_VARIABLE_MISSING: .*KAFKA_BROKERS/,
    );
    expect(settings({ profile: 'production', variables: { KAFKA_BROKERS: 'a:9092, b:9092' } }).kafka.brokers).toBe(
      'a:9092,b:9092',
    );
  });

  it('lays files of the working directory, given files and single settings over each other', () => {
    write('config/local.yaml', 'admin: { port: 1 }\nnamespace: mine\n');
    const extra = write('extra.yaml', 'admin: { port: ${PORT} }\nkafka: { options: { batch.size: 5 } }\n');
    const loaded = settings({
      configFiles: [extra],
      variables: { PORT: '2' },
      overrides: { 'commit.interval': '1s', 'kafka.options.compression.level': '3' },
    });
    expect(loaded.admin).toEqual({ enabled: true, host: '127.0.0.1', port: 2 });
    expect(loaded.namespace).toBe('mine');
    expect(loaded.commit.intervalMs).toBe(1000);
    expect(loaded.kafka.options).toEqual({ 'batch.size': 5, 'compression.level': 3 });
  });

  it('takes a profile of the working directory alone', () => {
    write('config/staging.yaml', 'namespace: staging\n');
    expect(settings({ profile: 'staging' })).toMatchObject({ profile: 'staging', namespace: 'staging' });
  });

  it('resolves certificates relative to the file that names them', () => {
    const extra = write('config/tls.yaml', 'kafka: { security: { protocol: ssl, ca: ca.pem } }\n');
    expect(settings({ configFiles: [extra] }).kafka.security).toEqual({
      protocol: 'ssl',
      ca: join(directory, 'config', 'ca.pem'),
    });
  });

  it('reports mistakes in the file that has them', () => {
    write('config/local.yaml', 'admin:\n  prt: 1\n');
    const extra = write('extra.yaml', 'kafka:\n  brokers: nowhere\n  options: { enable.idempotence: false }\n');
    expect(problems({ configFiles: [extra], overrides: { 'log.level': 'loud' } }).split('\n')).toEqual([
      '(command line):1:11: error CONFIG_INVALID_VALUE: "log.level": must be debug, info, warn or error',
      '/config/local.yaml:2:3: error CONFIG_UNKNOWN_KEY: unknown key "prt" in "admin" of the settings; did you mean "port"?',
      '/extra.yaml:2:12: error CONFIG_INVALID_VALUE: "kafka.brokers": write host:port, several separated by commas',
      '/extra.yaml:3:34: error CONFIG_INVALID_VALUE: "kafka.options.enable.idempotence": the librdkafka property enable.idempotence can\'t be set: Millrace sets it itself',
    ]);
  });

  it('never shows a password', () => {
    const extra = write('extra.yaml', 'kafka:\n  security: { protocol: sasl_ssl, password: 12345678 }\n');
    const text = problems({ configFiles: [extra] });
    expect(text).toContain('"kafka.security.password" must be text');
    expect(text).not.toContain('12345678');
  });

  it('asks for all that SASL needs', () => {
    const extra = write('extra.yaml', 'kafka: { security: { protocol: sasl_ssl, username: me } }\n');
    const text = problems({ configFiles: [extra] });
    expect(text).toContain('the protocol sasl_ssl needs "mechanism"');
    expect(text).toContain('the protocol sasl_ssl needs "password"');
  });

  it.each(['prodution', '../default', 'default'])('knows no profile %s', (profile) => {
    expect(problems({ profile })).toMatch(/^\(command line\):1:11: error CONFIG_UNKNOWN_PROFILE: there is no profile/);
  });

  it('says which file is missing', () => {
    expect(problems({ configFiles: [join(directory, 'gone.yaml')] })).toBe(
      '/gone.yaml:1:1: error CONFIG_UNREADABLE: reading the file /gone.yaml: there is no such file',
    );
  });
});
