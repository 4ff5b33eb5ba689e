import { createRequire, register } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Clock } from '../sdk/clock.ts';
import { forgetCommonJs, ownFiles, shareWithRequire } from './commonjs.ts';
import { TOO_LONG, withinTime } from './time-limit.ts';

const require = createRequire(import.meta.url);
const HERE = join(dirname(require.resolve('millrace/package.json')), 'src', 'plugins');
const nativeImport = require(join(HERE, 'native-import.cjs')) as (address: string) => Promise<Record<string, unknown>>;

/** A module that was imported, or why it could not be; and all files that it is made of, packages left out. */
export interface ImportedModule {
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly error?: unknown;
  readonly files: readonly string[];
}

/** How long the code of a module outside of its functions may wait for something, in ms. Node itself would end without a word. */
const LOAD_MS = 30_000;

let registered: Promise<Told> | undefined;
let loads = 0;

/**
 * Imports what a file names as if it imported it itself: TypeScript too, with `millrace/sdk`, `zod` and `rxjs` being those of the
 * Millrace that runs. Each call imports the module's own files anew. Does not reject, and gives up a module that waits for ever.
 */
export async function importModule(name: string, from: string, clock: Clock): Promise<ImportedModule> {
  registered ??= registerHooks();
  const told = await registered;
  loads += 1;
  const load = String(loads);
  const address = `millrace-plugin:?${new URLSearchParams({ name, from: pathToFileURL(from).href, load })}`;
  told.begin(load);
  try {
    const exports = await withinTime(nativeImport(address), { ms: LOAD_MS, clock });
    if (exports === TOO_LONG)
      throw new Error(`an "await" outside of its functions has not come to an end within ${LOAD_MS / 1_000} s`);
    return { exports, files: told.files() };
  } catch (error) {
    return { error, files: told.files() };
  }
}

/** Hooks cannot be taken back: they stay for the life of the process, and look at what belongs to plugins only. */
async function registerHooks(): Promise<Told> {
  const [sdk, zod, rxjs] = await Promise.all([import('../published-sdk.ts') as Promise<object>, import('zod'), import('rxjs')]);
  Object.assign(globalThis, { [Symbol.for('millrace/sdk')]: sdk });
  const { port1, port2 } = new MessageChannel();
  register(pathToFileURL(join(HERE, 'module-hooks.mjs')), {
    data: { names: Object.keys(sdk), port: port2 },
    transferList: [port2],
  });
  port1.unref();
  const told = new Told(port1);
  const shared = new Map<string, object>(Object.entries({ 'millrace/sdk': sdk, zod, rxjs }));
  shareWithRequire(shared, (file) => told.files().includes(file));
  return told;
}

/** The files of the load under way. Loads of several plugins do not overlap: what is told of another is over. */
class Told {
  readonly #port: MessagePort;
  #load = '';
  #files: string[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
  }

  begin(load: string): void {
    this.#load = load;
    this.#files = [];
    forgetCommonJs();
  }

  /** What the hooks have told by now, and what has been required. */
  files(): string[] {
    for (let told = receiveMessageOnPort(this.#port); told !== undefined; told = receiveMessageOnPort(this.#port)) {
      const { load, file } = told.message as { load: string; file: string };
      if (load === this.#load) this.#files.push(file);
    }
    return [...new Set([...this.#files, ...ownFiles()])];
  }
}
