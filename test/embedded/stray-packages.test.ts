import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { killAllProcesses, startMillrace } from '../support/processes.ts';
import { STACK_TRACE, Workbench } from '../support/workbench.ts';

/** What a package does where nobody waits for it: no file of the plugin that uses it stands in the stack. */
const PACKAGE = `
const fail = (who, how) => { throw new Error(who + ' by ' + how); };
exports.stray = (who) => {
  setTimeout(() => fail(who, 'a timer'), 5);
  setTimeout(() => queueMicrotask(() => fail(who, 'a microtask of a timer')), 5);
  setTimeout(() => { void Promise.resolve().then(() => fail(who, 'a promise of a timer')); }, 5);
  setImmediate(() => fail(who, 'an immediate'));
  process.nextTick(() => fail(who, 'a tick'));
  queueMicrotask(() => fail(who, 'a microtask'));
  void (async () => { await null; fail(who, 'a promise'); })();
  require('node:fs').readFile('/', () => fail(who, 'a callback'));
  require('node:net').connect(1, '127.0.0.1');
};
`;
const HOWS = [
  ['a timer', 'threw'],
  ['a microtask of a timer', 'threw'],
  ['a promise of a timer', 'left a promise alone that was rejected'],
  ['an immediate', 'threw'],
  ['a tick', 'threw'],
  ['a microtask', 'threw'],
  ['a promise', 'left a promise alone that was rejected'],
  ['a callback', 'threw'],
] as const;

const once = (who: string): string => `
import { stray } from 'strays';
let told = false;
const strayOnce = () => { if (!told) { told = true; stray('${who}'); } };`;
const SDK = `import { BatchBuilder, defineFunction, defineParser, defineProcessor, defineSink, defineSource } from 'millrace/sdk';
import { map, tap } from 'rxjs';
import { z } from 'zod';`;
const head = (who: string): string => `kind: '${who}', summary: 's', options: z.strictObject({})`;
const connector = (who: string): string => `type: '${who}', summary: 's', config: z.strictObject({})`;

/** A plugin of each style; each begins it once, where its code is called. */
const PLUGINS: Record<string, string> = {
  'at-each': `defineProcessor({ ${head('at-each')}, each(record) { strayOnce(); return record; } })`,
  'at-batch': `defineProcessor({ ${head('at-batch')}, batch: async (records) => { await null; strayOnce(); return records; } })`,
  'at-setup': `defineProcessor({ ${head('at-setup')}, setup() { strayOnce(); return map((record) => record); } })`,
  'at-operator': `defineProcessor({ ${head('at-operator')}, setup: () => tap(strayOnce) })`,
  'at-timer': `defineProcessor({ ${head('at-timer')}, setup: (_, { timers }) => ({
    each(record) { timers.after(record.key, 0, 'now'); return record; },
    onTimer() { strayOnce(); return undefined; },
  }) })`,
  'at-feed': `defineProcessor({ ${head('at-feed')}, continuous: { hold: '1s' }, setup: () => tap(strayOnce) })`,
  'at-function': `defineFunction({ name: 'at_function', summary: 's', parameters: [], returns: 'number', call() { strayOnce(); return 1; } })`,
  'at-parser': `defineParser({ name: 'at-parser', summary: 's', create: () => (text) => { strayOnce(); return { n: Number(text) }; } })`,
  'at-source': `defineSource({ ${connector('at-source')}, create: () => ({
    async run(emit) {
      strayOnce();
      const builder = new BatchBuilder(['records']);
      for (let n = 0; n < 3; n += 1) {
        builder.reset();
        builder.begin(0, -1, Date.now());
        builder.key('k');
        builder.value(JSON.stringify({ text: String(n) }));
        await emit(builder.batch(), { positions: { next: n + 1 } });
      }
    },
    async close() {},
  }) })`,
  'at-sink': `defineSink({ ${connector('at-sink')}, batch: { records: 10, bytes: 1000 }, concurrency: 1, delivery: 'at_least_once',
    create: () => ({
      async open() {},
      async write(batch, outcomes) { strayOnce(); outcomes.deliveredAll(); },
      async close() {},
    }) })`,
};

const PROCESSORS = ['at-each', 'at-batch', 'at-setup', 'at-operator', 'at-timer', 'at-feed'];

/** A processor has its stream to itself. */
const PIPELINE = `pipeline: strays
delivery: at_least_once
plugins:${Object.keys(PLUGINS)
  .map((who) => `\n  - ./${who}.mjs`)
  .join('')}
topics: { lines: {}, t0: {}${PROCESSORS.map((_, i) => `, t${i + 1}: {}`).join('')} }
sources: { lines: { at-source: {}, to: lines } }
streams:
  s: { from: lines, to: t0, steps: [ { parse: { format: at-parser, field: text } }, { map: "one = at_function()" } ] }
${PROCESSORS.map((who, i) => `  s${i}: { from: t${i}, to: t${i + 1}, steps: [ { ${who}: {} } ] }`).join('\n')}
sinks:
  away: { from: t${PROCESSORS.length}, at-sink: {} }
  archive: { from: t${PROCESSORS.length}, ndjson: { path: out.ndjson } }
`;

describe('a package that throws where nobody waits for it', { timeout: 90_000 }, () => {
  let bench: Workbench;

  beforeAll(async () => {
    bench = await Workbench.create([]);
    await bench.write('node_modules/strays/package.json', '{ "name": "strays", "main": "main.js" }');
    await bench.write('node_modules/strays/main.js', PACKAGE);
    for (const [who, definition] of Object.entries(PLUGINS)) {
      await bench.write(`${who}.mjs`, `${SDK}${once(who)}\nexport const defined = ${definition};\n`);
    }
  });

  afterEach(killAllProcesses);
  afterAll(() => bench.dispose());

  it('is told of with the plugin that uses it, and never ends the process', async () => {
    const file = await bench.write('p.yaml', PIPELINE);
    const settings = ['admin.enabled=false', 'log.format=text', `data_directory=${bench.path('data')}`];
    const args = ['run', file, '--once', '--profile', 'embedded', ...settings.flatMap((each) => ['-s', each])];
    const millrace = startMillrace(args, { cwd: bench.directory });
    expect((await millrace.ended).code, millrace.stderr).toBe(0);
    for (const who of Object.keys(PLUGINS)) {
      for (const [how, what] of HOWS) {
        const place = '.*node_modules/strays/main\\.js:\\d+:\\d+.*; the process goes on';
        const line = new RegExp(`the plugin \\./${who}\\.mjs ${what}: ${who} by ${how}, at ${place}`);
        expect(millrace.stderr).toMatch(line);
      }
      expect(millrace.stderr).toMatch(new RegExp(`the plugin \\./${who}\\.mjs threw: connect ECONNREFUSED 127.0.0.1:1`));
    }
    expect(millrace.stderr).not.toMatch(STACK_TRACE);
    const out = (await readFile(bench.path('out.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(out.map((line) => (JSON.parse(line) as JsonObject)['n']).toSorted()).toEqual([0, 1, 2]);
  });

  it('is told of where it throws while it is imported', async () => {
    await bench.write('node_modules/early/package.json', '{ "name": "early", "type": "module", "main": "main.js" }');
    await bench.write(
      'node_modules/early/main.js',
      "setTimeout(() => { throw new Error('early'); }, 1); await new Promise((done) => { setTimeout(done, 20); });",
    );
    await bench.write(
      'early.mjs',
      `import 'early';\n${SDK}\nexport const f = defineFunction({ name: 'f', summary: 's', parameters: [], returns: 'number', call: () => 1 });\n`,
    );
    const file = await bench.write(
      'early.yaml',
      'pipeline: early\nplugins: [ ./at-each.mjs, ./early.mjs ]\ntopics: { in: { external: true } }\nsinks: { all: { from: in, console: {} } }\n',
    );
    const millrace = startMillrace(['validate', file], { cwd: bench.directory });
    expect((await millrace.ended).code, millrace.stderr).toBe(1);
    expect(millrace.stderr).toMatch(/^millrace: the plugin \.\/early\.mjs threw: early, at .*node_modules\/early\/main\.js:1:/);
  });
});
