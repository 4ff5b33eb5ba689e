import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIG_DIRECTORY } from './artifacts.ts';

/** The text of a file of `config/cluster` with each `${name}` replaced by its value. Comments keep their `${...}`. */
export async function fillTemplate(file: string, values: Readonly<Record<string, string | number>>): Promise<string> {
  const text = await readFile(join(CONFIG_DIRECTORY, file), 'utf8');
  const fill = (place: string, name: string): string => {
    const value = values[name];
    if (value === undefined) throw new Error(`${file} has ${place}, for which there is no value`);
    return String(value);
  };
  return text
    .split('\n')
    .map((line) => (line.startsWith('#') ? line : line.replaceAll(/\$\{(\w+)\}/g, fill)))
    .join('\n');
}
