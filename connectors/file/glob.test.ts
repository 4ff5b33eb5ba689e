import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expandBraces, Glob } from './glob.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-glob-'));
  for (const path of [
    'a.log',
    'b.log',
    'b.log.1',
    '.hidden.log',
    'sub/c.log',
    'sub/deep/d.log',
    'sub/.git/e.log',
    'we[i]rd+(x).log',
    'x{1}.log',
  ]) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), '');
  }
  await symlink(directory, join(directory, 'sub', 'loop'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function found(include: string[], exclude: string[] = []): Promise<string[]> {
  const absolute = (patterns: string[]) => patterns.map((pattern) => join(directory, pattern));
  const { paths } = await new Glob(absolute(include), absolute(exclude)).search();
  return paths.map((path) => path.slice(directory.length + 1));
}

describe('glob', () => {
  it.each<[string[], string[], string[]]>([
    [['*.log'], [], ['a.log', 'b.log', 'we[i]rd+(x).log', 'x{1}.log']],
    [['b.log*'], [], ['b.log', 'b.log.1']],
    [['?.log'], [], ['a.log', 'b.log']],
    [['[!b].log'], [], ['a.log']],
    [['[a-b].log'], ['b*'], ['a.log']],
    [['{a,sub/c}.log'], [], ['a.log', 'sub/c.log']],
    [['.h*.log'], [], ['.hidden.log']],
    [['**/*.log'], ['*.log'], ['sub/c.log', 'sub/deep/d.log']],
    [['**/d.l*g'], [], ['sub/deep/d.log']],
    [['sub/**'], [], ['sub/c.log', 'sub/deep/d.log', 'sub/loop']],
    [['**/*.log'], ['**/deep/**', '*.log'], ['sub/c.log']],
    [['*/c.log'], [], ['sub/c.log']],
    [['we[[]i]rd+(x).log', 'not-there.log'], [], ['not-there.log', 'we[i]rd+(x).log']],
    [['b.log', 'b*'], [], ['b.log', 'b.log.1']],
  ])('%j without %j finds %j', async (include, exclude, paths) => {
    expect(await found(include, exclude)).toEqual(paths);
  });

  it('names the directories that it could not look into', async () => {
    const { problems } = await new Glob([join(directory, 'none', '*.log')], []).search();
    const below = await new Glob([join(directory, '*', 'none', '*.log'), join(directory, '**', 'none', '*.log')], []).search();
    expect(below).toEqual({ paths: [], problems: new Map() });
    expect([...problems].map(([path, { code }]) => [path, code])).toEqual([[join(directory, 'none'), 'ENOENT']]);
  });

  it('expands braces, nested ones too, and leaves others as they are', () => {
    expect(expandBraces('a{b,c{d,e}}f').toSorted()).toEqual(['abf', 'acdf', 'acef']);
    expect(expandBraces('a{b}c{')).toEqual(['a{b}c{']);
    expect(expandBraces('{a,b}'.repeat(30)).length).toBeLessThan(2000);
  });
});
