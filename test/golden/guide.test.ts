import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import { registry } from './registry.ts';

/** What the guides show is loaded, and where they link to is there. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'pipelines/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

interface Block {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

/** The blocks of YAML on a page. */
function blocksOf(page: string): Block[] {
  const text = read(page);
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length + 1,
    text: match[1] as string,
  }));
}

/** Any variable is set, so that examples may use them. */
const valueOfVariable = (name: string | symbol): string => (String(name).endsWith('URL') ? 'http://127.0.0.1:9200' : 'value');
const variables = new Proxy<Record<string, string>>(
  {},
  {
    get: (_, name) => valueOfVariable(name),
    getOwnPropertyDescriptor: (_, name) => ({ configurable: true, enumerable: true, value: valueOfVariable(name) }),
  },
);

const indented = (text: string, by: number): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by));

/** The file of which a block is a part, or undefined where it is none of a pipeline. */
function fileOf(text: string): string | undefined {
  // A pipeline with plugins runs, with these, in test/embedded/guide-plugins.test.ts.
  if (/^plugins:/m.test(text)) return undefined;
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  if (first.startsWith('pipeline:')) return text;
  if (/^(?:topics|sources|streams|sinks):/.test(first)) return `pipeline: example\n${text}`;
  if (first.startsWith('- '))
    return `pipeline: example\nstreams:\n  s:\n    from: in\n    to: out\n    steps:\n${indented(text, 6)}`;
  return undefined;
}

/** Steps of plugins that the guides make up have a hyphen, which no built-in step has. */
const PLUGIN_STEP = /no step "\w+-[\w-]+"/;

/** What is wrong with it; topics that stand in another part of the guide are fine. */
function faults(text: string): string[] {
  const loaded = loadPipeline('guide.yaml', registry, {
    variables,
    readFile: (path) => (path === 'guide.yaml' ? text : 'secret'),
  });
  const elsewhere = ['GRAPH_UNKNOWN_TOPIC', 'GRAPH_UNWRITTEN_TOPIC', 'GRAPH_NO_OUTPUT'];
  if (loaded.ok) return [];
  const ofPlugin = loaded.diagnostics.filter(({ code, message }) => code === 'CONFIG_UNKNOWN_STEP' && PLUGIN_STEP.test(message));
  return loaded.diagnostics
    .filter((each) => !elsewhere.includes(each.code) && !ofPlugin.includes(each))
    .map((each) => renderDiagnostic(each));
}

/** The name that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (text: string): string[] => [...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe('the guides', () => {
  const blocks = pages.flatMap(blocksOf).flatMap((block) => {
    const file = fileOf(block.text);
    return file === undefined ? [] : [{ name: `${block.page}:${block.line}`, file }];
  });

  it('show many pipelines', () => {
    expect(blocks.length).toBeGreaterThan(40);
  });

  it.each(blocks)('show what loads: $name', ({ file }) => {
    expect(faults(file)).toEqual([]);
  });

  it.each(pages)('%s links to what is there', (page) => {
    const broken = [
      ...read(page)
        .replaceAll(/^```[\s\S]*?^```$/gm, '')
        .matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)/g),
    ]
      .filter(([, path = '', anchor]) => {
        const target = path === '' ? join(ROOT, page) : resolve(dirname(join(ROOT, page)), path);
        if (!existsSync(target)) return true;
        return anchor !== undefined && target.endsWith('.md') && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
      })
      .map(([link]) => link);
    expect(broken).toEqual([]);
  });

  it('are all found from the index', () => {
    const index = read('docs/README.md');
    const missing = pages.filter(
      (page) => /^docs\/(?:guide|reference)\//.test(page) && !index.includes(`](${page.slice('docs/'.length)})`),
    );
    expect(missing).toEqual([]);
  });
});
