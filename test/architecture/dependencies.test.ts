import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findCycle, type Import, importsOf, sourceFiles } from './imports.ts';

/** What each folder of `src` may import from other folders of `src`. What is not listed here is not allowed. */
const DIRECTIONS: Readonly<Record<string, { readonly mayImport: readonly string[]; readonly because: string }>> = {
  record: { mayImport: [], because: 'everything stands on records' },
  errors: { mayImport: [], because: 'everything reports errors' },
  sdk: { mayImport: ['record', 'errors'], because: 'plugins get records and errors through it, and nothing of the engine' },
  expression: { mayImport: ['record', 'errors', 'sdk'], because: 'expressions read records and know nothing of pipelines' },
  steps: {
    mayImport: ['record', 'errors', 'sdk', 'expression', 'stream'],
    because: 'a step sees records, never where they come from; steps with state are made of operators',
  },
  stream: { mayImport: ['record', 'errors', 'sdk'], because: 'operators work on micro-batches, whoever delivers them' },
  rxjs: {
    mayImport: ['record', 'errors', 'sdk', 'expression', 'steps', 'stream'],
    because: 'the operators of steps are offered as operators of RxJS, for graphs of the user',
  },
  kafka: { mayImport: ['record', 'errors', 'sdk'], because: 'Kafka is reached the same way whatever runs on it' },
  telemetry: { mayImport: ['record', 'errors', 'sdk'], because: 'everybody that runs may report' },
  topology: {
    mayImport: ['record', 'errors', 'sdk', 'expression', 'steps', 'stream'],
    because: 'a pipeline is plain data that says which steps it is made of',
  },
  config: {
    mayImport: ['record', 'errors', 'sdk', 'expression', 'steps', 'stream', 'topology'],
    because: 'files become a topology, and nothing connects for that',
  },
  plugins: {
    mayImport: ['record', 'errors', 'sdk', 'published', 'expression', 'steps', 'stream', 'topology', 'config'],
    because: 'what users define is put beside what is built in, before files are checked',
  },
  runtime: {
    mayImport: ['record', 'errors', 'sdk', 'expression', 'steps', 'stream', 'topology', 'config', 'kafka', 'telemetry'],
    because: 'it brings a topology to life on Kafka',
  },
  api: {
    mayImport: ['record', 'errors', 'sdk', 'topology', 'config', 'kafka', 'telemetry', 'runtime'],
    because: 'it shows and steers what runs',
  },
  cli: {
    mayImport: [
      'record',
      'errors',
      'sdk',
      'expression',
      'steps',
      'stream',
      'topology',
      'config',
      'plugins',
      'kafka',
      'telemetry',
      'runtime',
      'api',
      'testing',
    ],
    because: 'it puts everything together',
  },
  index: {
    mayImport: [
      'record',
      'errors',
      'sdk',
      'expression',
      'steps',
      'stream',
      'topology',
      'config',
      'plugins',
      'kafka',
      'telemetry',
      'runtime',
      'api',
    ],
    because: 'it is the library: load, validate, run',
  },
  published: {
    mayImport: ['sdk', 'rxjs'],
    because: 'it is what millrace/sdk exports: what definitions need, and the operators',
  },
  testing: {
    mayImport: [
      'record',
      'errors',
      'sdk',
      'expression',
      'steps',
      'stream',
      'topology',
      'config',
      'kafka',
      'telemetry',
      'runtime',
      'plugins',
    ],
    because: 'the test kit drives all of it, and nothing leans on the test kit but the commands that are a face of it',
  },
};

/** Packages that belong to one part, which hides them from the rest. */
const PACKAGES: readonly { readonly name: string; readonly only: readonly string[]; readonly because: string }[] = [
  { name: 'node-rdkafka', only: ['src/kafka/'], because: 'promises and typed errors stand in front of it' },
  {
    name: 'rxjs',
    only: [
      'src/stream/',
      'src/runtime/',
      'src/rxjs/',
      'src/sdk/processor.ts',
      'src/testing/trace/',
      'src/plugins/module-loader.ts',
    ],
    because:
      'tasks are RxJS graphs of micro-batches, and so are processors of users, who get ours; steps are plain functions; who traces one stands between',
  },
  { name: '@swc/wasm-typescript', only: ['src/plugins/'], because: 'only the code of plugins is TypeScript at run time' },
  { name: 'yaml', only: ['src/config/'], because: 'positions and the "quote this" errors come with it' },
  { name: 'acorn', only: ['src/expression/'], because: 'there is one parser of expressions, with its checks' },
  { name: 'commander', only: ['src/cli/'], because: 'arguments are read in one place' },
  { name: 'mmdb-lib', only: ['src/steps/geoip/'], because: 'a step asks for places, not for pointers into a file' },
  { name: 'fastify', only: ['src/api/'], because: 'there is one HTTP server' },
  { name: 'pino', only: ['src/telemetry/'], because: 'log lines are events with a name' },
  { name: 'prom-client', only: ['src/telemetry/', 'src/api/'], because: 'metrics are events with a name' },
  { name: '@elastic/elasticsearch', only: ['connectors/elasticsearch/'], because: 'a connector alone knows its system' },
];

/** Who may know the list of built-in connectors; the engine gets connectors as definitions. */
const CONNECTOR_LIST_USERS = ['src/cli/', 'src/config/generate', 'src/testing/load-for-tests'];

/** Commands that run pipelines in memory. */
const TEST_KIT_USERS = ['src/cli/explain.ts', 'src/cli/test.ts'];

const engine = sourceFiles('src').flatMap(importsOf);
const connectors = sourceFiles('connectors').flatMap(importsOf);
const all = [...engine, ...connectors];

/** `src/kafka/client.ts` is of the area kafka, `src/index.ts` of index. */
function areaOf(file: string): string | undefined {
  return /^src\/(\w+)/.exec(file)?.[1];
}

function lines(imports: readonly Import[]): string[] {
  return imports.map(({ file, target }) => `${file} imports ${target}`);
}

describe('dependency directions', () => {
  it('sees the imports it judges', () => {
    expect(sourceFiles('src').length).toBeGreaterThan(50);
    expect(lines(engine)).toContain('src/errors/index.ts imports src/errors/cluster.ts');
  });

  it.each(Object.entries(DIRECTIONS))('src/%s imports what it may', (area, { mayImport, because }) => {
    const wrong = engine.filter(({ file, target }) => {
      const other = areaOf(target);
      return areaOf(file) === area && other !== undefined && other !== area && !mayImport.includes(other);
    });
    expect(lines(wrong), because).toEqual([]);
  });

  it('loads the test kit only in the commands that run it, when they run', () => {
    const users = engine.filter(
      ({ file, target }) => areaOf(target) === 'testing' && areaOf(file) !== 'testing' && !target.includes('/cluster/'),
    );
    expect([...new Set(users.filter(({ typeOnly }) => !typeOnly).map(({ file }) => file))]).toEqual(TEST_KIT_USERS);
    const texts = TEST_KIT_USERS.map((file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));
    for (const text of texts) expect(text).not.toMatch(/^import \{[^}]*\} from '\.\.\/testing/m);
  });

  it('has a direction for every folder', () => {
    const areas = new Set(sourceFiles('src').map(areaOf));
    expect([...areas].filter((area) => area === undefined || !(area in DIRECTIONS))).toEqual([]);
  });

  it('keeps src off the tests', () => {
    expect(lines(all.filter(({ target }) => target.startsWith('test/')))).toEqual([]);
  });

  it('lets connectors see the published SDK, each other only through _shared', () => {
    const wrong = connectors.filter(({ file, target }) => {
      if (file === 'connectors/index.ts') return target.startsWith('src/');
      const own = file.slice(0, file.indexOf('/', 'connectors/'.length) + 1);
      const inside = target.startsWith(own) || target.startsWith('connectors/_shared/');
      return target.startsWith('millrace') ? target !== 'millrace/sdk' : /^(src|connectors|test)\//.test(target) && !inside;
    });
    expect(lines(wrong)).toEqual([]);
  });

  it('lets only the command line, the schema generator and the test kit know which connectors there are', () => {
    const users = engine.filter(({ target }) => target.startsWith('connectors/'));
    const wrong = users.filter(({ file }) => !CONNECTOR_LIST_USERS.some((user) => file.startsWith(user)));
    expect(lines(wrong)).toEqual([]);
  });

  it.each(PACKAGES)('hides $name in $only', ({ name, only, because }) => {
    const users = all.filter(({ target }) => target === name || target.startsWith(`${name}/`));
    expect(lines(users.filter(({ file }) => !only.some((folder) => file.startsWith(folder)))), because).toEqual([]);
  });

  it('has no cycle of imports', () => {
    expect(findCycle(all)).toBeUndefined();
  });

  it('would find a cycle', () => {
    const edge = (file: string, target: string): Import => ({ file, target, typeOnly: false });
    expect(findCycle([edge('a', 'b'), edge('b', 'c'), edge('c', 'b')])).toEqual(['b', 'c', 'b']);
    expect(findCycle([edge('a', 'b'), { file: 'b', target: 'a', typeOnly: true }])).toBeUndefined();
  });
});
