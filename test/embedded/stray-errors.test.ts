import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { killAllProcesses, startMillrace } from '../support/processes.ts';
import { STACK_TRACE, Workbench } from '../support/workbench.ts';

const STRAYS = [
  ["Promise.reject(new Error('x'));", /left a promise alone that was rejected: x, at .*stray\.mjs:\d+:\d+$/m],
  ["process.nextTick(() => { throw new Error('x'); });", /threw: x, at .*stray\.mjs:\d+:\d+$/m],
  ["setTimeout(() => { throw new Error('x'); }, 300);", /threw: x, at .*stray\.mjs:\d+:\d+\)$/m],
  ["Promise.reject('only a text');", /left a promise alone that was rejected: only a text$/m],
  ['queueMicrotask(() => { throw undefined; });', /threw: undefined$/m],
  ['const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); Promise.reject(proxy);', /rejected: <Revoked Proxy>$/m],
  [
    'Promise.reject(new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; }, has() { throw 3; } }));',
    /rejected: \{\}$/m,
  ],
] as const;

/** They look at pipelines, and must not run what they are not able to trust; nothing is connected to where a plugin has failed. */
const COMMANDS = [
  ['validate', 'p.yaml'],
  ['validate', 'p.test.yaml'],
  ['graph', 'p.yaml'],
  ['schema', 'p.yaml'],
  ['explain', 'p.yaml'],
  ['dlq', 'list', 'p.yaml'],
  ['reset', 'p.yaml', '--to', 'end'],
  ['doctor', 'p.yaml'],
  ['run', 'p.yaml', '--once', '--profile', 'embedded'],
] as const;

describe('a plugin that throws where nobody waits for it, when it is loaded', { timeout: 90_000 }, () => {
  let bench: Workbench;

  beforeAll(async () => {
    bench = await Workbench.create([]);
    await write('all', STRAYS.map(([stray]) => `{ ${stray} }`).join('\n'));
    await write('one', STRAYS[0][0]);
  });

  afterEach(killAllProcesses);
  afterAll(() => bench.dispose());

  async function write(folder: string, stray: string): Promise<void> {
    const good = `import { defineFunction } from 'millrace/sdk';
export const one = defineFunction({ name: 'one', summary: 's', parameters: [], returns: 'number', call: () => 1 });\n`;
    await bench.write(`${folder}/good.mjs`, good);
    await bench.write(`${folder}/stray.mjs`, `${good.replaceAll('one', 'two')}${stray}\n`);
    const steps = 'steps: [ { map: "a = one() + two()" } ]';
    await bench.write(
      `${folder}/p.yaml`,
      `pipeline: p
plugins: [ ./good.mjs, ./stray.mjs ]
topics: { in: { external: true }, out: {} }
streams: { s: { from: in, ${steps}, to: out } }\n`,
    );
    await bench.write(
      `${folder}/p.test.yaml`,
      'tests: [ { name: t, given: [ { topic: in, records: [ { value: {} } ] } ], expect: { topics: { out: [ { a: 3 } ] } } } ]\n',
    );
  }

  async function millrace(folder: string, args: readonly string[], env = {}) {
    const started = startMillrace(args, { cwd: bench.path(folder), env });
    const { code } = await started.ended;
    return { code, stdout: started.stdout, stderr: started.stderr };
  }

  it('is named with everything that it throws, and the file is not valid', async () => {
    const { code, stderr } = await millrace('all', ['validate', 'p.yaml']);
    for (const [stray, text] of STRAYS) expect([stray, stderr]).toEqual([stray, expect.stringMatching(text)]);
    expect(code).toBe(1);
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toEqual(STRAYS.map(() => expect.stringMatching(/^millrace: the plugin \.\/stray\.mjs (threw|left)/) as string));
    expect(stderr).not.toMatch(STACK_TRACE);
  });

  it('ends every command that loads it', async () => {
    const ended = await Promise.all(COMMANDS.map((args) => millrace('one', args)));
    for (const [i, { code, stdout, stderr }] of ended.entries()) {
      expect([COMMANDS[i], code, stdout]).toEqual([COMMANDS[i], 1, '']);
      expect(stderr).toMatch(
        /^millrace: the plugin \.\/stray\.mjs left a promise alone that was rejected: x, at stray\.mjs:\d+:\d+\n$/,
      );
    }
  });

  it('is told of with its stack where that is asked for', async () => {
    const { code, stderr } = await millrace('one', ['validate', 'p.yaml'], { MILLRACE_TRACE: '1' });
    expect([code, stderr]).toEqual([1, expect.stringMatching(STACK_TRACE)]);
  });
});
