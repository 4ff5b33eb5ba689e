import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../src/cli/bin.cjs', import.meta.url));
const TIMEOUT = 60_000;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-test-command-'));
  await write('shop.yaml', PIPELINE);
  await write('score.ts', PLUGIN);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);

/** Runs `millrace` in the directory, with a cache of its own. */
function millrace(args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, XDG_CACHE_HOME: join(directory, 'cache') };
    const child = execFile(process.execPath, [PROGRAM, ...args], { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

const PIPELINE = `pipeline: shop
plugins: [ ./score.ts ]
topics: { orders: { external: true }, scored: {} }
streams:
  score:
    from: orders
    steps:
      - filter: "matches(id, /^o-[0-9]+$/)"
      - score: { factor: 2 }
      - { set: { big: true }, when: "score > 100" }
    to: scored
`;

// With a type, so that it is TypeScript that is loaded.
const PLUGIN = `import { defineProcessor, type ProcessorRecord } from 'millrace/sdk';
import { z } from 'zod';
export const score = defineProcessor({
  kind: 'score',
  summary: 'Scores an order.',
  options: z.strictObject({ factor: z.number().describe('By what to multiply.') }),
  each: (record: ProcessorRecord, { factor }) => record.with({ value: { ...record.value, score: Number(record.value['n']) * factor } }),
});
`;

const TESTS = (score: number): string => `now: 2026-05-17T08:00:00Z
tests:
  - name: an order is scored by the plugin
    given: [ { topic: orders, value: { id: o-1, n: 4 } } ]
    expect:
      topics:
        scored: [ { id: o-1, n: 4, score: ${score} } ]
  - name: what is no order is left out
    given: [ { topic: orders, value: { id: x } } ]
    expect: { topics: { scored: [] }, metrics: { streams.score.dropped: 1 } }
`;

describe('millrace test', () => {
  it('runs the tests of a directory, with plugins, and says the same twice', { timeout: TIMEOUT }, async () => {
    await write('shop.test.yaml', TESTS(8));
    const first = await millrace(['test']);
    expect(first).toEqual({
      code: 0,
      stderr: '',
      stdout: `shop.test.yaml
  ok    an order is scored by the plugin
  ok    what is no order is left out
2 tests in 1 file: 2 passed, 0 failed
`,
    });
    expect(await millrace(['test'])).toEqual(first);
  });

  it('shows what differs and where it was expected, and ends with 1', { timeout: TIMEOUT }, async () => {
    await write('shop.test.yaml', TESTS(9));
    const failed = await millrace(['test', 'shop.test.yaml', '--filter', 'scored']);
    expect(failed).toEqual({
      code: 1,
      stderr: '',
      stdout: `shop.test.yaml
  FAIL  an order is scored by the plugin
        shop.test.yaml:7: topic scored
          record 1
            score: expected 9, is 8
1 test in 1 file: 0 passed, 1 failed
`,
    });
    expect((await millrace(['test', '--reporter', 'junit', '--output', 'out.xml'])).stdout).toBe('');
    const report = await readFile(join(directory, 'out.xml'), 'utf8');
    expect(report).toContain('<testsuite name="shop.test.yaml" tests="2" failures="1">');
    expect(report).toContain(
      '<failure message="topic scored: record 1">shop.test.yaml:7: topic scored\n  record 1\n    score: expected 9, is 8',
    );
  });

  it('shows the steps that no test reached', { timeout: TIMEOUT }, async () => {
    await write('shop.test.yaml', TESTS(8));
    const { stdout } = await millrace(['test', '--coverage']);
    expect(stdout).toMatch(/streams\.score\.filter-1 +2 +0 +1 /);
    expect(stdout).toContain('not reached by any test: shop.yaml: streams.score.set-1\n2 of 3 steps reached\n');
  });

  it('does not take a process that a plugin has ended for a command that is done', { timeout: TIMEOUT }, async () => {
    await write('exit.ts', 'process.exit(0);\n');
    await write('exit.yaml', PIPELINE.replace('./score.ts', './exit.ts'));
    expect(await millrace(['validate', 'exit.yaml'])).toEqual({
      code: 3,
      stdout: '',
      stderr: 'millrace: the process was ended before the command was done: a plugin may have called process.exit\n',
    });
  });

  it('says what is wrong with a file before any test runs, and what is wrong with the command', {
    timeout: TIMEOUT,
  }, async () => {
    await write('shop.test.yaml', TESTS(8).replace('scored: [ {', 'scord: [ {'));
    const wrong = await millrace(['test']);
    expect([wrong.code, wrong.stdout]).toEqual([1, '']);
    expect(wrong.stderr).toContain(
      'shop.test.yaml:7:9: error CONFIG_UNKNOWN_NODE: the pipeline shop has no topic "scord"; did you mean "scored"?',
    );
    expect(await millrace(['validate', 'shop.yaml', 'shop.test.yaml'])).toEqual({ code: 1, stdout: '', stderr: wrong.stderr });
    await write('shop.test.yaml', TESTS(8));
    expect((await millrace(['validate', 'shop.test.yaml'])).stdout).toBe('shop.test.yaml: valid (2 tests)\n');
    expect(await millrace(['test', '--filter', 'nothing'])).toMatchObject({
      code: 2,
      stderr: 'millrace: no test has "nothing" in its name\n',
    });
    expect(await millrace(['test', 'gone'])).toMatchObject({
      code: 2,
      stderr: 'millrace: reading gone: there is no such file\n',
    });
  });
});

describe('a plugin that throws where nobody waits for it', () => {
  const pipeline = (how: string): string => `pipeline: stray-${how}
plugins: [ ./stray.ts ]
topics: { orders: { external: true }, out: {} }
streams: { s: { from: orders, steps: [ { stray: ${how} } ], to: out } }
`;
  const tests = `tests:
  - name: it comes through
    given: [ { topic: orders, value: { n: 1 } } ]
    expect: { topics: { out: [ { n: 1 } ] } }
`;
  const plugin = `import { defineProcessor } from 'millrace/sdk';
import { z } from 'zod';
export const stray = defineProcessor({
  kind: 'stray',
  summary: 'Leaves errors behind.',
  options: z.strictObject({ how: z.enum(['rejects', 'throws', 'fails']).describe('How.') }),
  main: 'how',
  each(record, { how }) {
    if (how === 'fails') throw new Error('at once');
    if (how === 'rejects') void Promise.reject(new Error('by nobody'));
    else setTimeout(() => { throw new Error('by a timer'); }, 1_000);
    return record;
  },
});
`;

  it('fails the test, or the command where the tests are over, and never ends the process in the middle', {
    timeout: TIMEOUT,
  }, async () => {
    await write('stray.ts', plugin);
    for (const how of ['rejects', 'throws', 'fails']) {
      await write(`stray-${how}.yaml`, pipeline(how));
      await write(`stray-${how}.test.yaml`, tests);
    }
    const rejects = await millrace(['test', 'stray-rejects.test.yaml']);
    expect(rejects).toMatchObject({ code: 1, stderr: '' });
    expect(rejects.stdout).toMatch(
      /stray-rejects\.test\.yaml:2: plugin\n +the plugin \.\/stray\.ts left a promise alone that was rejected: by nobody, at .*stray\.ts:10:/,
    );
    expect(rejects.stdout).toContain('0 passed, 1 failed');
    const throws = await millrace(['test', 'stray-throws.test.yaml']);
    expect([throws.code, throws.stdout]).toEqual([1, expect.stringContaining('1 passed')]);
    expect(throws.stderr).toMatch(/^millrace: the plugin \.\/stray\.ts threw: by a timer, at .*stray\.ts:11:/);
    const explained = await millrace(['explain', 'stray-rejects.yaml'], '{"n":1}\n');
    expect(explained).toMatchObject({ code: 3, stderr: '' });
    expect(explained.stdout).toContain('the plugin ./stray.ts left a promise alone that was rejected: by nobody');
    // A processor that fails is tried again with the record by itself: it is told once.
    expect((await millrace(['explain', 'stray-fails.yaml'], '{"n":1}\n')).stdout.match(/record 0 of orders/g)).toHaveLength(1);
  });
});

describe('the output of a command', () => {
  it('may be read in part only', { timeout: TIMEOUT }, async () => {
    const child = spawn(process.execPath, [PROGRAM, 'schema'], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = (await once(child, 'close')) as [number];
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('millrace explain', () => {
  const records = '{"id":"o-1","n":400}\n{"id":"x"}\n';

  it('shows what each step does with each record', { timeout: TIMEOUT }, async () => {
    expect(await millrace(['explain', 'shop.yaml'], records)).toEqual({
      code: 0,
      stderr: '',
      stdout: `stream score: record 0 of orders
  filter-1 (filter): unchanged
  score-1 (score)
    + score: 800
  set-1 (set)
    + big: true
  -> scored

stream score: record 1 of orders
  filter-1 (filter): drops it
`,
    });
  });

  it('shows what was known of records behind each step', { timeout: TIMEOUT }, async () => {
    const { stdout } = await millrace(['explain', 'shop.yaml', '--types', '--step', 'set-1'], records);
    expect(stdout).toMatch(
      /^stream score: record 0 of orders\n {2}set-1 \(set\)\n {4}\+ big: true\n {4}type \{ score\?: any, big\?: any, \.\.\. \}/,
    );
    const json = await millrace(['explain', 'shop.yaml', '--types', '--format', 'json'], records);
    const { types } = JSON.parse(json.stdout) as { types: { nodes: { steps: { id: string }[] }[] } };
    expect(types.nodes[0]?.steps.map(({ id }) => id)).toEqual(['filter-1', 'score-1', 'set-1']);
  });

  it('shows one step, as data', { timeout: TIMEOUT }, async () => {
    expect((await millrace(['explain', 'shop.yaml', '--step', 'set-1'], records)).stdout).toBe(
      'stream score: record 0 of orders\n  set-1 (set)\n    + big: true\n',
    );
    const { stdout } = await millrace(['explain', 'shop.yaml', '--format', 'json'], records);
    expect(JSON.parse(stdout)).toMatchObject({
      pipeline: 'shop',
      nodes: [{ name: 'score', to: 'scored', journeys: [{ end: 'passed' }, { end: 'dropped' }] }],
    });
  });

  it('says what is wrong with the command', { timeout: TIMEOUT }, async () => {
    expect(await millrace(['explain', 'shop.yaml'])).toMatchObject({
      code: 2,
      stderr: 'millrace: there is no record on standard input\n',
    });
    expect(await millrace(['explain', 'shop.yaml', '--step', 'sett'], records)).toMatchObject({
      code: 2,
      stderr: 'millrace: the pipeline has no step sett; there are filter-1, score-1, set-1\n',
    });
    expect(await millrace(['explain', 'shop.yaml', '--task', 'x'], records)).toMatchObject({
      code: 2,
      stderr: 'millrace: the pipeline has no task x; there are score\n',
    });
  });
});
