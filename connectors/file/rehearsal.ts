import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RehearsalPlace, SourceRehearsal } from 'millrace/sdk';
import type { FileConfig } from './config.ts';
import { expandBraces, wholePath } from './glob.ts';
import { FileSource } from './source.ts';

/**
 * The source with files of the test's own: whatever paths the options name lie below its directory, and records name them as if
 * they did not.
 */
export function rehearse(config: FileConfig, { directory }: RehearsalPlace): SourceRehearsal {
  const below = (path: string): string => join(directory, path);
  const patterns = config.include.flatMap(expandBraces);
  const moved = { ...config, include: config.include.map(below), exclude: config.exclude.map(below) };
  return {
    source: new FileSource(moved),
    feed({ path = usualPath(patterns[0] as string), bytes }) {
      if (!patterns.some((pattern) => wholePath(pattern).test(path)))
        throw new Error(`the file ${path} is none that "include" names: ${patterns.join(', ')}`);
      mkdirSync(dirname(below(path)), { recursive: true });
      appendFileSync(below(path), bytes);
    },
    hides: directory,
  };
}

/** A path that a pattern finds. */
function usualPath(pattern: string): string {
  return pattern
    .replace(/\*\*\//g, '')
    .replace(/(?<=\/)\*+(?=\/|$)/g, 'any')
    .replace(/(?<=\/)\*(?=\.)/g, 'any')
    .replace(/\*/g, '')
    .replace(/\?/g, 'x');
}
