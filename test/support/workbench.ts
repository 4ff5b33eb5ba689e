import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type MillraceProcess, startMillrace } from './processes.ts';
import { eventually } from './wait.ts';

/** A directory with files and pipelines of a test's own, and the processes that run them there. */
export class Workbench {
  readonly directory: string;
  readonly #settings: readonly string[];

  private constructor(directory: string, settings: readonly string[]) {
    this.directory = directory;
    this.#settings = settings;
  }

  /** `settings` as `setting=value`, for all processes; each serves no health of its own, so that none disturbs another. */
  static async create(settings: readonly string[]): Promise<Workbench> {
    return new Workbench(await mkdtemp(join(tmpdir(), 'millrace-workbench-')), [
      'admin.enabled=false',
      'log.format=text',
      ...settings,
    ]);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async write(name: string, content: string | Buffer): Promise<string> {
    const path = this.path(name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): MillraceProcess {
    const settings = this.#settings.flatMap((setting) => ['-s', setting]);
    return startMillrace(['run', ...settings, ...args], { cwd: this.directory, env });
  }

  /** The messages in an NDJSON file, once there are `count`. */
  messages(name: string, count: number): Promise<string[]> {
    return eventually(
      async () => {
        const lines = (await readFile(this.path(name), 'utf8')).trimEnd().split('\n');
        return lines.length >= count && lines.map((line) => (JSON.parse(line) as { message: string }).message);
      },
      { what: `${count} records in ${name}`, timeout: 60_000 },
    );
  }

  async dispose(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A stack trace in what a process printed; the newcomer is to see none. */
export const STACK_TRACE: RegExp = /^\s+at .*[:(]\d+/m;
