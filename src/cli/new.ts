import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Script } from 'node:vm';
import { type Defined, whoHas } from '../plugins/index.ts';
import { registry } from './context.ts';
import { Exit, ExitError } from './exit.ts';
import { sinkExample, sourceExample } from './new/connectors.ts';
import { type ExampleName, exampleName } from './new/example.ts';
import { pipelineExample } from './new/pipeline.ts';
import { functionExample, parserExample, processorExample } from './new/plugins.ts';

const EXAMPLES: Readonly<Record<string, (name: ExampleName) => Record<string, string>>> = {
  pipeline: pipelineExample,
  processor: processorExample,
  function: functionExample,
  parser: parserExample,
  source: sourceExample,
  sink: sinkExample,
};

/** What each defines, in a plugin. */
const DEFINES: Readonly<Record<string, Defined>> = {
  processor: 'step',
  function: 'function',
  parser: 'parser',
  source: 'source',
  sink: 'sink',
};

/** What `millrace new` can write. */
export const EXAMPLE_KINDS = Object.keys(EXAMPLES);

/** `millrace new`: writes a working example with its test. What is there already is never written over. */
export async function writeExample(
  kind: string,
  text: string,
  { directory = '.' }: { readonly directory?: string },
): Promise<number> {
  const name = exampleName(text);
  if (name === undefined)
    throw new ExitError(Exit.usage, `${text}: a name has small letters and digits, with - or _ between them: bot-score`);
  const make = EXAMPLES[kind];
  if (make === undefined) throw new ExitError(Exit.usage, `${kind}: it can be ${EXAMPLE_KINDS.join(', ')}`);
  checkFree(kind, name);
  const files = Object.entries(make(name)).map(([file, content]) => ({ path: resolve(directory, file), content }));
  const there = files.filter(({ path }) => existsSync(path)).map(({ path }) => relative('', path));
  if (there.length > 0)
    throw new ExitError(Exit.usage, `${there.join(', ')} is there already: choose another name or --directory`);
  mkdirSync(resolve(directory), { recursive: true });
  // `wx`: what has come meanwhile is not written over either.
  for (const { path, content } of files) writeFileSync(path, content, { flag: 'wx' });
  for (const { path } of files) process.stdout.write(`wrote ${relative('', path)}\n`);
  process.stdout.write(`try it: npx millrace test ${join(relative('', resolve(directory)), `${name.kind}.test.yaml`)}\n`);
  return Promise.resolve(Exit.done);
}

/** An example works only where its name is free: in pipeline files, and as that of a variable. */
function checkFree(kind: string, { kind: key, word, variable }: ExampleName): void {
  const what = DEFINES[kind];
  if (what === undefined) return;
  const name = what === 'function' ? word : key;
  const other = whoHas(what, name, registry) ?? (isReserved(variable) ? 'that is a word of JavaScript' : undefined);
  if (other !== undefined)
    throw new ExitError(Exit.usage, `the ${what} ${name} cannot be written: ${other}; choose another name`);
}

function isReserved(variable: string): boolean {
  try {
    // In an async function of strict code, as in a module, no reserved word is a variable. Nothing of it runs.
    new Script(`'use strict'; async () => { const ${variable} = 0; };`);
    return false;
  } catch {
    return true;
  }
}
