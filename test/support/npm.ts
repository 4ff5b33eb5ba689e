import { spawn } from 'node:child_process';

/** What npm tells the scripts that it runs, and a test runner its workers: a command of a user's own has none of that. */
const OF_OTHERS =
  /^(npm_(package|lifecycle|command|execpath|node_execpath|config_local_prefix)|INIT_CWD|VITEST|NODE_ENV$|NODE_OPTIONS$|JOBS$|MAKEFLAGS$)/i;
/** What npm says where it does not reach the registry. */
const UNREACHABLE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/;

export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as somebody at a terminal in that directory does, to its end. */
export function command(name: string, args: readonly string[], cwd: string): Promise<CommandEnd> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !OF_OTHERS.test(key)));
  const child = spawn(name, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Packs a package as it would be published, without running its scripts: what is built is packed as it is. */
export async function pack(directory: string, to: string): Promise<{ tarball: string; files: readonly string[] }> {
  const { stdout } = await command('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', to], directory);
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: readonly { path: string }[] }];
  return { tarball: packed.filename, files: packed.files.map(({ path }) => path) };
}

/** `npm install` of these, with whatever that fetches and compiles. */
export function install(what: readonly string[], cwd: string): Promise<CommandEnd> {
  return command('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...what], cwd);
}

/** Why an install has failed, where it did for want of a registry. */
export function unreachable({ code, stderr }: CommandEnd): string | undefined {
  const reason = code === 0 ? undefined : UNREACHABLE.exec(stderr)?.[0];
  return reason === undefined ? undefined : `npm does not reach its registry (${reason})`;
}
