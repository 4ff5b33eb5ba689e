import { appendFile, copyFile, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Committed, RecordedFollower } from './recorded-follower.ts';

type Event =
  | { kind: 'write'; events: number; lines: number }
  | { kind: 'copytruncate'; late: number }
  | { kind: 'compress' }
  | { kind: 'look' }
  | { kind: 'time'; ms: number }
  | { kind: 'kill'; emits: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), events: fc.nat(20), lines: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copytruncate' as const), late: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compress' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(4000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const), emits: fc.nat(3) }) },
);

/** A log of events of several lines, or of one each, rotated by copying; copies are compressed. */
class CopiedLog {
  readonly written: string[] = [];
  readonly #path: string;
  #number = 0;
  #copies: string[] = [];
  #lines = 0;
  readonly #multiline: boolean;
  readonly #wide: boolean;

  /** `wide`: each line has more than a KiB. */
  constructor(path: string, { multiline, wide }: { multiline: boolean; wide: boolean }) {
    this.#path = path;
    this.#multiline = multiline;
    this.#wide = wide;
  }

  async write(events: number, lines: number): Promise<void> {
    let text = '';
    for (let i = 0; i < events; i += 1) {
      const head = `[${this.#number++}]${this.#wide ? '.'.repeat(1100) : ''}`;
      const whole = [head, ...Array.from({ length: lines }, (_, n) => `  line ${n} of ${head}`)].join('\n');
      this.written.push(...(this.#multiline ? [whole] : whole.split('\n')));
      text += `${whole}\n`;
    }
    this.#lines += events;
    await appendFile(this.#path, text);
  }

  /** Calls `before` between copying and truncating. */
  async copyTruncate(before: () => Promise<void>): Promise<void> {
    if (this.#lines === 0) return;
    for (const [i, name] of this.#copies.entries()) {
      const next = name.replace(/\d+/, String(this.#copies.length - i + 1));
      await rename(`${this.#path}${name}`, `${this.#path}${next}`);
      this.#copies[i] = next;
    }
    await copyFile(this.#path, `${this.#path}.1`);
    await before();
    this.#lines = 0;
    await truncate(this.#path, 0);
    this.#copies.push('.1');
  }

  async compressOldest(): Promise<void> {
    const i = this.#copies.findIndex((name) => !name.endsWith('.gz'));
    const name = this.#copies[i];
    if (name === undefined) return;
    await writeFile(`${this.#path}${name}.gz`, gzipSync(await readFile(`${this.#path}${name}`)));
    // Small ones are kept out of sight, so that their inodes are not used again: what is small and in such an inode counts as new.
    if (this.#wide) await rm(`${this.#path}${name}`);
    else await rename(`${this.#path}${name}`, `${this.#path.replace(/app.log$/, 'kept')}${this.#number++}`);
    this.#copies[i] = `${name}.gz`;
  }
}

describe('whatever is written, copied, compressed and killed', () => {
  it('each event is committed exactly once', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 3, maxLength: 30 }),
        fc.boolean(),
        fc.boolean(),
        async (events, several, wide) => {
          const directory = await mkdtemp(join(tmpdir(), 'millrace-copies-'));
          const multiline = several ? { multiline: { start: '^\\[' } } : {};
          const options = { include: [join(directory, 'app.log*')], compressed: 'gzip', ...multiline };
          const committed = new Committed();
          let run = new RecordedFollower(options, committed);
          try {
            const log = new CopiedLog(join(directory, 'app.log'), { multiline: several, wide });
            // What is written after the copy is made, and read before it goes. The log is known by then: two files that are found
            // together are files of their own.
            let unclear = 0;
            const rotate = async (late: number): Promise<void> => {
              if (late > 0) await run.pass();
              await log.copyTruncate(async () => {
                if (late > 0) await run.pass();
                await log.write(late, 0);
                if (late > 0) await run.pass();
              });
              run.clock.time += 1000;
              // Three contents are remembered while it is not clear what their copies are.
              unclear += late > 0 ? 1 : 0;
              if (unclear < 3) return;
              unclear = 0;
              await run.pass();
              run.clock.time += 2000;
              await run.pass();
            };
            for (const step of events) {
              if (step.kind === 'write') await log.write(step.events, step.lines);
              else if (step.kind === 'copytruncate') await rotate(several ? 0 : step.late);
              else if (step.kind === 'compress') await log.compressOldest();
              else if (step.kind === 'look') await run.pass();
              else if (step.kind === 'time') run.clock.time += step.ms;
              else if (step.kind === 'kill') {
                committed.emitsLeft = step.emits;
                await run.pass().catch(() => undefined);
                await run.stop();
                committed.emitsLeft = Number.POSITIVE_INFINITY;
                run = new RecordedFollower(options, committed);
              }
            }
            for (let i = 0; i < 6; i += 1) {
              await run.pass();
              run.clock.time += 3_600_000;
            }
            await run.pass();
            expect(committed.messages.toSorted()).toEqual(log.written.toSorted());
          } finally {
            await run.stop();
            await rm(directory, { recursive: true });
          }
        },
      ),
      {
        numRuns: Number(process.env['FILE_PROPERTY_RUNS'] ?? 100),
      },
    );
  });
});
