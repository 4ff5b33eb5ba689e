import { appendFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** What is awkward to carry byte for byte, a piece per line: quotes, backslashes, controls, two to four bytes a character. */
const AWKWARD = [
  'plain',
  'zw\u00f6lf',
  '\\"quoted\\"',
  'C:\\\\temp\\\\x',
  '\u65e5\u672c\u8a9e',
  '\ud83d\ude80',
  'a\u0001b\u001fc',
  '{"json": [1, null]}',
  "it's",
  '\u007f',
];
const NUMBER = /GET \/n\/(\d+)\?/;
const SAMPLES = 5;

/** Line `n`: an access-log line that no other number has. */
export function lineOf(n: number): string {
  const second = String(n % 60).padStart(2, '0');
  const agent = AWKWARD[n % AWKWARD.length] ?? '';
  const status = n % 50 === 0 ? 500 : 200;
  return `192.0.2.${n % 256} - - [17/May/2015:10:05:${second} +0000] "GET /n/${n}?page=${n % 7} HTTP/1.1" ${status} ${(n * 31) % 9973} "-" "${agent} ${n}"`;
}

/** What was found of the lines that should be there; empty lists where each is there exactly once. */
export interface TallyReport {
  readonly missing: number;
  readonly double: number;
  readonly foreign: number;
  /** The first few of each. */
  readonly samples: {
    readonly missing: readonly number[];
    readonly double: readonly number[];
    readonly foreign: readonly string[];
  };
}

/** Counts how often each of the lines 0 ... `expected` - 1 was seen, byte for byte. */
export class Tally {
  readonly #counts: Uint8Array;
  readonly #foreign: string[] = [];
  #foreignCount = 0;

  constructor(expected: number) {
    this.#counts = new Uint8Array(expected);
  }

  add(text: unknown): void {
    const n = typeof text === 'string' ? Number(NUMBER.exec(text)?.[1] ?? -1) : -1;
    if (n >= 0 && n < this.#counts.length && text === lineOf(n)) {
      this.#counts[n] = Math.min(255, (this.#counts[n] ?? 0) + 1);
      return;
    }
    this.#foreignCount += 1;
    if (this.#foreign.length < SAMPLES) this.#foreign.push(String(text));
  }

  report(): TallyReport {
    const missing: number[] = [];
    const double: number[] = [];
    this.#counts.forEach((count, n) => {
      if (count === 0) missing.push(n);
      else if (count > 1) double.push(n);
    });
    return {
      missing: missing.length,
      double: double.length,
      foreign: this.#foreignCount,
      samples: { missing: missing.slice(0, SAMPLES), double: double.slice(0, SAMPLES), foreign: this.#foreign },
    };
  }
}

/** What a {@link TallyReport} is where nothing is lost and nothing is double. */
export const EXACT: TallyReport = { missing: 0, double: 0, foreign: 0, samples: { missing: [], double: [], foreign: [] } };

/** Log files that grow, with numbered lines over all of them, and are rotated by renaming. */
export class LogFiles {
  readonly directory: string;
  readonly #names: readonly string[];
  readonly #rotations = new Map<string, number>();
  #written = 0;

  constructor(directory: string, names: readonly string[]) {
    this.directory = directory;
    this.#names = names;
  }

  /** Lines written so far: they have the numbers below this one. */
  get written(): number {
    return this.#written;
  }

  /** Writes the next `count` lines, in pieces to the files in turn; each piece ends in the middle of a line and goes on there. */
  async write(count: number): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const texts = new Map<string, string[]>();
    for (let i = 0; i < count; i += 1) {
      const name = this.#names[this.#written % this.#names.length] as string;
      const lines = texts.get(name) ?? [];
      lines.push(`${lineOf(this.#written)}\n`);
      texts.set(name, lines);
      this.#written += 1;
    }
    for (const [name, lines] of texts) {
      const bytes = Buffer.from(lines.join(''));
      const cut = Math.max(0, bytes.length - 37);
      await appendFile(join(this.directory, name), bytes.subarray(0, cut));
      await appendFile(join(this.directory, name), bytes.subarray(cut));
    }
  }

  /** Renames a file away, as logrotate does: what is written next goes to a new file of the old name. */
  async rotate(name: string): Promise<void> {
    const count = (this.#rotations.get(name) ?? 0) + 1;
    this.#rotations.set(name, count);
    await rename(join(this.directory, name), join(this.directory, `${name}.${count}`));
  }

  get names(): readonly string[] {
    return this.#names;
  }
}
