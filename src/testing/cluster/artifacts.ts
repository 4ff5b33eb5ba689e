import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MillraceError, reasonOf } from '../../errors/index.ts';
import { withLock } from './lock.ts';

const run = promisify(execFile);

/** What the cluster downloads: a profile of `config/cluster/pom.xml` each. */
export type Artifact = 'kafka' | 'elasticsearch';

const DESCRIPTIONS: Readonly<Record<Artifact, string>> = {
  kafka: 'Kafka and ZooKeeper (46 MB)',
  elasticsearch: 'Elasticsearch (98 MB)',
};

const GOALS: Readonly<Record<Artifact, string>> = { kafka: 'copy-dependencies', elasticsearch: 'unpack-dependencies' };

/** The folder `config/cluster` of this package, whether this file runs from `src` or from `dist`. */
export const CONFIG_DIRECTORY = join(packageDirectory(), 'config', 'cluster');

function packageDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  return directory;
}

/** Where downloads stay for all clusters of a user: `$MILLRACE_CACHE_DIR`, else by the XDG base directory specification. */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  const own = environment['MILLRACE_CACHE_DIR'];
  if (own !== undefined && own !== '') return own;
  const xdg = environment['XDG_CACHE_HOME'];
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache'), 'millrace');
}

/**
 * The folder with an artifact, which is downloaded by Maven if it is not there yet: Kafka's jars, or Elasticsearch's home.
 * It is made under another name and renamed when whole, so that a broken download is never taken for the real thing.
 */
export async function artifact(name: Artifact, environment: NodeJS.ProcessEnv, report: (line: string) => void): Promise<string> {
  const pom = join(CONFIG_DIRECTORY, 'pom.xml');
  const cache = cacheDirectory(environment);
  const directory = join(cache, `${name}-${await digestOf(pom)}`);
  if (!existsSync(directory)) {
    await mkdir(cache, { recursive: true });
    await withLock(`${directory}.lock`, async () => {
      if (existsSync(directory)) return;
      report(`downloading ${DESCRIPTIONS[name]} from Maven Central`);
      const partial = `${directory}.partial`;
      await rm(partial, { recursive: true, force: true });
      await download(name, pom, partial, environment);
      await rename(join(partial, 'files'), directory);
      await rm(partial, { recursive: true, force: true });
    });
  }
  return name === 'elasticsearch' ? onlyFolderIn(directory) : directory;
}

async function digestOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 12);
}

async function download(name: Artifact, pom: string, partial: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const what = DESCRIPTIONS[name];
  // The marker files would otherwise go to a folder `target` beside the pom.
  const places = [`-DoutputDirectory=${join(partial, 'files')}`, `-DmarkersDirectory=${join(partial, 'markers')}`];
  try {
    await run('mvn', ['-q', '-B', '-f', pom, '-P', name, `dependency:${GOALS[name]}`, ...places], {
      env: environment,
      maxBuffer: 1 << 24,
    });
  } catch (error) {
    const { code, stdout } = error as NodeJS.ErrnoException & { stdout?: string };
    if (code === 'ENOENT') throw new MillraceError('CLUSTER_MAVEN_MISSING', { what }, { cause: error });
    const reason = stdout?.split('\n').find((line) => line.includes('[ERROR]')) ?? reasonOf(error);
    throw new MillraceError('CLUSTER_DOWNLOAD', { what, reason: reason.trim() }, { cause: error });
  }
}

async function onlyFolderIn(directory: string): Promise<string> {
  const [first] = await readdir(directory);
  return join(directory, first ?? '');
}
