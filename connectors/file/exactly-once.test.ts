import { mkdir, mkdtemp, open, rename, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Committed, RecordedFollower } from './recorded-follower.ts';

/** What happens to the log, to the source and to the machine, in any order. */
type Event =
  | { kind: 'write'; lines: number; width: number; open: boolean }
  | { kind: 'rotate' }
  | { kind: 'second'; lines: number }
  | { kind: 'look' }
  | { kind: 'kill'; emits: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('write' as const), lines: fc.nat(30), width: fc.nat(200), open: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rotate' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('second' as const), lines: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const), emits: fc.nat(4) }) },
);

/** A log that is written and rotated by renaming: .1, .2, ... of which none is deleted. */
class RotatedLog {
  readonly written: string[] = [];
  readonly #directory: string;
  readonly #sameHeaders: boolean;
  #unfinished = '';
  #rotated = 0;
  #number = 0;

  constructor(directory: string, sameHeaders: boolean) {
    this.#directory = directory;
    this.#sameHeaders = sameHeaders;
  }

  async write({ lines, width, open: leaveOpen }: { lines: number; width: number; open: boolean }): Promise<void> {
    let text = '';
    for (let i = 0; i < lines; i += 1) {
      const line = `${this.#number++} ${'é'.repeat(width)}`;
      this.written.push(this.#unfinished + line);
      this.#unfinished = '';
      text += `${line}\n`;
    }
    if (leaveOpen) {
      const begun = `begun ${this.#number++} `;
      this.#unfinished += begun;
      text += begun;
    }
    await append(join(this.#directory, 'app.log'), text);
  }

  /** Ends an open line first, in the old file. */
  async rotate(): Promise<void> {
    if (this.#unfinished !== '') await this.write({ lines: 1, width: 0, open: false });
    const current = join(this.#directory, 'app.log');
    await append(current, '');
    for (let i = this.#rotated; i >= 1; i -= 1) await rename(`${current}.${i}`, `${current}.${i + 1}`);
    await rename(current, `${current}.1`);
    this.#rotated += 1;
  }

  /** A file that is written, read, deleted: its inode is likely to be used by the next one. */
  async second(lines: number): Promise<string> {
    const path = join(this.#directory, 'app.log.second');
    const header = this.#sameHeaders ? 'the same header' : `header ${this.#number++}`;
    let text = `${header}\n`;
    this.written.push(header);
    for (let i = 0; i < lines; i += 1) {
      const line = `second ${this.#number++}`;
      this.written.push(line);
      text += `${line}\n`;
    }
    await append(path, text);
    return path;
  }
}

/**
 * A directory whose file system has had time to show whether it knows when files were created: only then can two files
 * with the same inode and the same content be told apart.
 */
async function settledDirectory(): Promise<{ directory: string; knowsBirth: boolean }> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-once-'));
  for (let i = 0; i < 2000; i += 1) {
    const { birthtimeNs, ctimeNs } = await stat(directory, { bigint: true });
    if (birthtimeNs !== ctimeNs) return { directory, knowsBirth: birthtimeNs > 0n };
    await mkdir(join(directory, `${i}`));
  }
  return { directory, knowsBirth: false };
}

async function append(path: string, text: string): Promise<void> {
  const handle = await open(path, 'a');
  await handle.writeFile(text);
  await handle.close();
}

describe('whatever is written, rotated and killed', () => {
  it('each line is committed exactly once', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 40 }), async (events) => {
        const { directory, knowsBirth } = await settledDirectory();
        const options = { include: [join(directory, 'app.log*')], max_open_files: 3, fingerprint_bytes: 64 };
        const committed = new Committed();
        let run = new RecordedFollower(options, committed);
        try {
          const log = new RotatedLog(directory, knowsBirth);
          for (const step of events) {
            if (step.kind === 'write') await log.write(step);
            else if (step.kind === 'rotate') await log.rotate();
            else if (step.kind === 'look') await run.pass();
            else if (step.kind === 'second') {
              const path = await log.second(step.lines);
              await run.pass();
              // What is small and begins as another file does is read after a while: only then is it read, and may go.
              run.clock.time += 10_000;
              await run.pass();
              await unlink(path);
            } else {
              committed.emitsLeft = step.emits;
              await run.pass().catch(() => undefined);
              await run.stop();
              committed.emitsLeft = Number.POSITIVE_INFINITY;
              run = new RecordedFollower(options, committed);
            }
          }
          await log.rotate();
          await run.pass();
          expect(committed.messages.toSorted()).toEqual(log.written.toSorted());
          expect(committed.errors).toEqual([]);
        } finally {
          await run.stop();
          await rm(directory, { recursive: true });
        }
      }),
      { numRuns: Number(process.env['FILE_PROPERTY_RUNS'] ?? 150) },
    );
  });
});
