import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { type PipelineRun, runPipeline } from '../support/run-pipeline.ts';
import { Workbench } from '../support/workbench.ts';

const AUTH_LOG = resolve('../shared/data/syslog/elastic_auth.log');
const NOW = Date.UTC(2017, 3, 30);

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.create([]);
});
afterEach(() => bench.dispose());

const run = (path: string): Promise<PipelineRun> => runPipeline('ssh-logins.yaml', { variables: { AUTH_LOGS: path }, now: NOW });

async function runOver(...lines: readonly string[]): Promise<PipelineRun> {
  return run(await bench.write('auth.log', `${lines.join('\n')}\n`));
}

/** One message of sshd as a line of auth.log. */
const sshd = (message: string): string => `Mar 27 13:06:56 web sshd[1291]: ${message}`;

/** What each failed log-in tells of who tried. */
async function triers(...messages: readonly string[]): Promise<unknown[]> {
  const { topics, dead } = await runOver(...messages.map(sshd));
  expect(dead).toEqual([]);
  return (topics.get('ssh.failures') ?? []).map(({ user, source, ssh }) => ({ user, source, ssh }));
}

describe('ssh-logins.yaml', () => {
  it('sends log-ins and failures to topics of their own, and leaves all else out', async () => {
    const lines: readonly [string, ...string[]] = [
      'Mar 27 13:06:56 web CRON[7]: pam_unix(cron:session): session opened for user root by (uid=0)',
      sshd('Accepted publickey for ubuntu from 85.245.107.41 port 54259 ssh2: RSA SHA256:Kl8kPGZrTiz7'),
      sshd('Invalid user admin from 24.151.103.17'),
      sshd('Failed password for invalid user admin from 24.151.103.17 port 37918 ssh2'),
      sshd('Connection closed by 24.151.103.17 port 37918 [preauth]'),
    ];
    const { topics, sinks, dead } = await runOver(...lines);
    const common = {
      '@timestamp': '2017-03-27T13:06:56.000Z',
      host: { name: 'web-1', hostname: 'web' },
      process: { name: 'sshd', pid: 1291 },
    };
    const event = { kind: 'event', category: ['authentication'], type: ['info'], action: 'ssh_login' };
    const syslog = { hostname: 'web', appname: 'sshd', procid: '1291' };
    const path = bench.path('auth.log');
    const success = {
      ...common,
      log: { file: { path }, offset: lines[0].length + 1, syslog },
      message: lines[1],
      event: { ...event, outcome: 'success' },
      user: { name: 'ubuntu' },
      source: { address: '85.245.107.41', ip: '85.245.107.41', port: 54259 },
      system: { auth: { ssh: { event: 'Accepted', method: 'publickey', signature: 'RSA SHA256:Kl8kPGZrTiz7' } } },
      ssh: { attempts: 1, unknown_user: false },
    };
    const failure = {
      ...common,
      log: { file: { path }, offset: `${lines.slice(0, 3).join('\n')}\n`.length, syslog },
      message: lines[3],
      event: { ...event, outcome: 'failure' },
      user: { name: 'admin' },
      source: { address: '24.151.103.17', ip: '24.151.103.17', port: 37918 },
      system: { auth: { ssh: { event: 'Failed', method: 'password' } } },
      ssh: { attempts: 1, unknown_user: true },
    };
    expect(topics.get('ssh.logins')).toEqual([success]);
    expect(topics.get('ssh.failures')).toEqual([failure]);
    expect(sinks.get('search')).toEqual([success, failure]);
    expect(dead).toEqual([]);
  });

  it('takes the address from the end, whatever the name says', async () => {
    expect(
      await triers(
        'Failed password for invalid user root from 192.0.2.1 port 22 ssh2 from 198.51.100.7 port 4711 ssh2',
        'Failed password for invalid user  from 198.51.100.7 port 4712 ssh2',
        'Failed keyboard-interactive/pam for root from 2001:db8::7 port 4713 ssh2',
        'Failed password for root from UNKNOWN port 65535 ssh2',
      ),
    ).toEqual([
      {
        user: { name: 'root from 192.0.2.1 port 22 ssh2' },
        source: { address: '198.51.100.7', ip: '198.51.100.7', port: 4711 },
        ssh: { attempts: 1, unknown_user: true },
      },
      {
        user: undefined,
        source: { address: '198.51.100.7', ip: '198.51.100.7', port: 4712 },
        ssh: { attempts: 1, unknown_user: true },
      },
      {
        user: { name: 'root' },
        source: { address: '2001:db8::7', ip: '2001:db8::7', port: 4713 },
        ssh: { attempts: 1, unknown_user: false },
      },
      { user: { name: 'root' }, source: { address: 'UNKNOWN', port: 65535 }, ssh: { attempts: 1, unknown_user: false } },
    ]);
  });

  it('counts what the system log has folded into one line', async () => {
    const [folded] = await triers('message repeated 5 times: [ Failed password for root from 198.51.100.7 port 4711 ssh2]');
    expect(folded).toEqual({
      user: { name: 'root' },
      source: { address: '198.51.100.7', ip: '198.51.100.7', port: 4711 },
      ssh: { attempts: 5, unknown_user: false },
    });
  });

  it('keeps a line of sshd that it does not understand as a dead letter', async () => {
    const { dead } = await runOver(sshd('Failed password for root over carrier pigeon'));
    expect(dead).toMatchObject([{ task: 'logins', step: 'parse-2', code: 'PARSE_FAILED' }]);
  });
});

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** How often each text is there. */
function tally(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

describe.skipIf(!existsSync(AUTH_LOG))('ssh-logins.yaml on 7,121 real lines', () => {
  it('finds the log-ins and the attempts that grep finds', async () => {
    const { topics, dead } = await run(AUTH_LOG);
    const failures = topics.get('ssh.failures') as JsonObject[];
    const logins = topics.get('ssh.logins') as JsonObject[];
    const text = readFileSync(AUTH_LOG, 'utf8');
    const failed = text.split('\n').filter((line) => /sshd\[\d+\]: (?:message repeated \d+ times: \[ )?Failed /.test(line));

    expect(dead).toEqual([]);
    expect(logins).toHaveLength([...text.matchAll(/sshd\[\d+\]: Accepted /g)].length);
    expect(failures).toHaveLength(failed.length);
    expect({ logins: logins.length, failures: failures.length }).toEqual({ logins: 226, failures: 717 });

    const attempts = failed.map((line) => Number(/repeated (\d+) times/.exec(line)?.[1] ?? 1));
    expect(sum(failures.map(({ ssh }) => (ssh as { attempts: number }).attempts))).toBe(sum(attempts));

    const address = failed.map((line) => / from (\d+\.\d+\.\d+\.\d+) port \d+ ssh2/.exec(line)?.[1] as string);
    expect(tally(failures.map(({ source }) => (source as { ip: string }).ip))).toEqual(tally(address));
  });
});
