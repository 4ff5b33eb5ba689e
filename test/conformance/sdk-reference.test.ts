import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as sdk from 'millrace/sdk';
import * as testing from 'millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SDK_PAGE as PAGE, sectionsOf, writeExamples } from '../support/sdk-reference.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = join(HERE, '../..');
const sections = sectionsOf(PAGE);
const exported = new Map<string, string>([
  ...Object.keys(sdk).map((name) => [name, 'millrace/sdk'] as const),
  ...Object.keys(testing).map((name) => [name, 'millrace/testing'] as const),
]);
const before = process.cwd();
let directory: string;

/** All files of the page lie in one directory, which its examples are run in. */
beforeAll(async () => {
  directory = await mkdtemp(join(HERE, '.sdk-'));
  await writeExamples(directory);
  process.chdir(directory);
});

afterAll(async () => {
  process.chdir(before);
  await rm(directory, { recursive: true, force: true });
});

describe('the reference of the SDK', () => {
  it('has every export once, and nothing else', () => {
    expect(sections.flatMap(({ names }) => names).toSorted()).toEqual([...exported.keys()].toSorted());
  });

  it.each(sections.filter(({ names }) => names.length > 0))('has an example of each: $title', ({ names, code }) => {
    expect(names.filter((name) => !isUsed(name, code))).toEqual([]);
  });

  it('names every type', () => {
    const faces = ['src/sdk/index.ts', 'src/rxjs/index.ts', 'src/testing/index.ts'].map((file) => join(ROOT, file));
    const types = faces.flatMap(typesOf);
    expect(types.length).toBeGreaterThan(60);
    expect(types.filter((name) => !PAGE.includes(`\`${name}\``))).toEqual([]);
  });

  it('leads to headings that it has', () => {
    const anchors = [...PAGE.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
    const links = [...PAGE.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((link) => !anchors.includes(link as string))).toEqual([]);
  });

  it('runs every file of it in some example', () => {
    const loose = sections.flatMap(({ files }) => files).filter(({ name }) => PAGE.split(name.replace('.test', '')).length < 3);
    expect(loose).toEqual([]);
    expect(readdirSync(directory).length).toBeGreaterThan(40);
  });

  it.each(sections.flatMap(({ examples }) => examples))(
    '$name: what stands behind -> comes of it',
    async ({ name, text, assertions }) => {
      expect(assertions).toBeGreaterThan(0);
      expect(text).not.toMatch(/\/\/ (->|throws)/);
      await import(join(directory, name));
    },
  );
});

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

/** Whether code imports it from where it is exported, and does something with it. */
function isUsed(name: string, code: string): boolean {
  const from = code.matchAll(/import \{([^}]*)\} from '(millrace\/\w+)'/g);
  const isImported = [...from].some(([, names = '', module]) => module === exported.get(name) && words(names).includes(name));
  return isImported && words(code).filter((word) => word === name).length > 1;
}

function words(text: string): string[] {
  return text.match(/\w+/g) ?? [];
}

/** The types that a module gives on, by name. */
function typesOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  const lists = [...source.matchAll(/export type \{([^}]*)\}/g)].flatMap(([, names = '']) => words(names));
  return [...lists, ...[...source.matchAll(/\btype (\w+),?/g)].map(([, name]) => name as string)];
}
