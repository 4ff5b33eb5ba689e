import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const GUIDE = fileURLToPath(new URL('../../docs/guide/plugins.md', import.meta.url));

/** The files that the guide to plugins shows, by their names. */
export async function guideFiles(): Promise<(readonly [name: string, text: string])[]> {
  const guide = await readFile(GUIDE, 'utf8');
  const files = guide.matchAll(/```(?:ts|js|yaml)\n(?:\/\/|#) (\S+)\n(.*?)```/gs);
  return Array.from(files, ([, name, text]) => [name as string, text as string]);
}

/** The commands that it shows, line by line, those that match. */
export async function guideCommands(which: RegExp): Promise<string[]> {
  const guide = await readFile(GUIDE, 'utf8');
  return Array.from(guide.matchAll(/^ {4}(.*)$/gm), ([, line]) => line as string).filter((line) => which.test(line));
}
