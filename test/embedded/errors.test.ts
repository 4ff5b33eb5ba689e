import { spawnSync } from 'node:child_process';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeElasticsearch, json } from '../support/fake-elasticsearch.ts';
import { killAllProcesses, type MillraceProcess } from '../support/processes.ts';
import { STACK_TRACE, Workbench } from '../support/workbench.ts';

/** A port that nothing listens on: it is reserved, and never given out. */
const NOBODY = '127.0.0.1:1';

/** What goes wrong outside is said once, clearly and without a stack trace, and disturbs nothing else. */
describe('errors that a user meets, on the embedded broker', { timeout: 90_000 }, () => {
  let bench: Workbench;

  beforeEach(async () => {
    bench = await Workbench.create(['kafka.mode=embedded']);
    await bench.write('in/good.log', 'one\ntwo\nthree\n');
  });

  afterEach(async () => {
    await killAllProcesses();
    await bench.dispose();
  });

  /** A pipeline from in/*.log to out.ndjson, with more sources and sinks. */
  function pipeline(parts: { sources?: string; sinks?: string } = {}): Promise<string> {
    return bench.write(
      'pipeline.yaml',
      `pipeline: errors
topics:
  errors.raw: { partitions: 4 }
sources:
  log:
    file: { include: [ ./in/*.log ] }
    to: errors.raw
${parts.sources ?? ''}
sinks:
  archive:
    from: errors.raw
    ndjson: ./out.ndjson
${parts.sinks ?? ''}
`,
    );
  }

  /** Waits for the message, for the good records to have arrived, and for a clean end; with `code` 3 where a task failed for good. */
  async function expectSaid(millrace: MillraceProcess, message: string, code = 0): Promise<void> {
    const found = await millrace.waitForOutput(new RegExp(escaped(message)), 20_000);
    expect(found[0]).toBe(message);
    expect((await bench.messages('out.ndjson', 3)).sort()).toEqual(['one', 'three', 'two']);
    const end = await millrace.stop();
    expect(end).toEqual({ code, signal: null });
    const output = millrace.stdout + millrace.stderr;
    expect(output).not.toMatch(STACK_TRACE);
    expect(output.split(message)).toHaveLength(2);
  }

  it('a binary file is named and skipped, and the files beside it are read', async () => {
    const path = await bench.write('in/core.log', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2, 3, 10]));
    const millrace = bench.run([await pipeline()]);
    await expectSaid(
      millrace,
      `reading the file ${path}: it is binary (its first bytes hold a NUL), so it is skipped; leave it out by \`exclude\``,
    );
  });

  it('a missing directory is named, and other sources run', async () => {
    const sources = `  absent:
    file: { include: [ ./absent/*.log ] }
    to: errors.raw`;
    const millrace = bench.run([await pipeline({ sources })]);
    await expectSaid(
      millrace,
      `looking for files in ${bench.path('absent')}: it does not exist; it is looked into again as long as the source runs`,
    );
  });

  it('an output that cannot be written is named, and other sinks deliver', async () => {
    await bench.write('plain-file', '');
    const sinks = `  blocked:
    from: errors.raw
    ndjson: ./plain-file/out.ndjson`;
    const millrace = bench.run([await pipeline({ sinks })]);
    await expectSaid(millrace, `appending to the file ${bench.path('plain-file/out.ndjson')}: `);
  });

  it('a file of a step that is missing is named, and other sinks deliver', async () => {
    const sinks = `  enriched:
    from: errors.raw
    steps:
      - lookup: { file: ./hosts.csv, field: host.name }
    ndjson: ./enriched.ndjson`;
    const millrace = bench.run([await pipeline({ sinks })]);
    await expectSaid(
      millrace,
      `reading the table ${bench.path('hosts.csv')} for the step lookup-1 of enriched: there is no such file; mend the path (it is relative to the pipeline file) or the rights of the file; sink enriched stops, the rest keeps running`,
      3,
    );
  });

  it('a wrong password is said, and other sinks deliver', async () => {
    const server = await new FakeElasticsearch().listen();
    const unauthorized = json(401, {
      error: { type: 'security_exception', reason: 'unable to authenticate user [millrace] for REST request' },
      status: 401,
    });
    server.onSignIn = unauthorized;
    server.answers = [unauthorized];
    const sinks = `  search:
    from: errors.raw
    elasticsearch: { nodes: [ "${server.url}" ], index: errors, username: millrace, password: wrong-secret }`;
    const millrace = bench.run([await pipeline({ sinks })]);
    try {
      await expectSaid(
        millrace,
        `signing in to Elasticsearch at ${server.url}: security_exception: unable to authenticate user [millrace] for REST request; check username and password, api_key or bearer_token`,
      );
      expect(millrace.stdout + millrace.stderr).not.toContain('wrong-secret');
    } finally {
      await server.close();
    }
  });

  it('an Elasticsearch that does not answer is named, and other sinks deliver', async () => {
    const sinks = `  search:
    from: errors.raw
    elasticsearch: { nodes: [ "http://${NOBODY}" ], index: errors }`;
    const millrace = bench.run([await pipeline({ sinks })]);
    await expectSaid(
      millrace,
      `connecting to Elasticsearch at http://${NOBODY}: connect ECONNREFUSED ${NOBODY}; check that it runs and that nodes holds its address`,
    );
  });

  it('a line of 100 MB is cut and marked, and the lines around it are read', async () => {
    const file = await open(await bench.write('in/long.log', 'before\n'), 'a');
    const part = Buffer.alloc(1_000_000, 'x');
    for (let i = 0; i < 100; i += 1) await file.write(part);
    await file.write('\nafter\n');
    await file.close();
    const millrace = bench.run(['--once', await pipeline()]);
    expect((await millrace.ended).code).toBe(0);
    const messages = await bench.messages('out.ndjson', 6);
    expect(messages.map((message) => message.length).sort((a, b) => a - b)).toEqual([3, 3, 5, 5, 6, 1_000_000]);
    expect(millrace.stderr).not.toMatch(STACK_TRACE);
  });

  it('a record that a step makes too large for its topic is a dead letter, and the others go on', async () => {
    await bench.write('in/large.log', `${'x'.repeat(700_000)}\n`);
    const doubling = await bench.write(
      'doubling.yaml',
      `pipeline: doubling
topics: { doubling.raw: { partitions: 4 }, doubling.out: { partitions: 4 } }
sources:
  log: { file: ./in/*.log, to: doubling.raw }
streams:
  double:
    from: doubling.raw
    steps:
      - set: { copy: "{{ message }}" }
    to: doubling.out
sinks:
  archive: { from: doubling.out, ndjson: ./out.ndjson }
`,
    );
    const millrace = bench.run(['--once', doubling]);
    expect((await millrace.ended).code).toBe(0);
    expect((await bench.messages('out.ndjson', 3)).sort()).toEqual(['one', 'three', 'two']);
    expect(millrace.stderr).toContain('stream doubling/double: 4 records in, 3 out, 1 dead letter\n');
  });

  it('a data directory that cannot be used ends the command with the reason', async () => {
    const path = await bench.write('plain-file', '');
    const millrace = bench.run([await pipeline(), '-s', 'data_directory=./plain-file/data']);
    expect(await millrace.ended).toEqual({ code: 3, signal: null });
    expect(millrace.stderr).toContain(`millrace: error DATA_DIRECTORY: using the data directory ${path}/data: `);
    expect(millrace.stderr).not.toMatch(STACK_TRACE);
  });

  it('a full disk at the data directory ends the command with the reason', async ({ skip }) => {
    const mount = bench.path('data');
    await mkdir(mount);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', mount]).status !== 0)
      skip('mounting a small disk takes root');
    try {
      await writeFile(`${mount}/ballast`, Buffer.alloc(1 << 20)).catch((error: unknown) => {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
      });
      const millrace = bench.run([await pipeline(), '-s', `data_directory=${mount}`]);
      expect(await millrace.ended).toEqual({ code: 3, signal: null });
      expect(millrace.stderr).toContain(`millrace: error DATA_DIRECTORY: using the data directory ${mount}: `);
      expect(millrace.stderr).toContain('no space left');
      expect(millrace.stderr).not.toMatch(STACK_TRACE);
    } finally {
      spawnSync('umount', [mount]);
    }
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
