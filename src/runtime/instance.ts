import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { flockSync } from 'fs-ext';
import { MillraceError, reasonOf } from '../errors/index.ts';

const MAX_SLOTS = 256;

/** What a slot's file says of the process that used it last; empty after a clean end. */
interface SlotContent {
  readonly pid: number;
  readonly transactionalIds: readonly string[];
}

/**
 * This process's place in its data directory: an instance id kept there for good, and a numbered slot that is locked for
 * as long as the process lives (flock: a killed process frees it). Transactional ids derive from both, so that a process
 * that starts again takes over what its predecessor left open in Kafka.
 */
export class Instance {
  readonly id: string;
  readonly slot: number;
  readonly #slotFile: number;
  readonly #directory: string;
  /** What {@link abandonedIds} found, by slot: what a file says since then has not been seen to. */
  readonly #found = new Map<string, string>();

  private constructor(parts: { id: string; slot: number; slotFile: number; directory: string }) {
    this.id = parts.id;
    this.slot = parts.slot;
    this.#slotFile = parts.slotFile;
    this.#directory = parts.directory;
  }

  /** Takes the lowest free slot. Throws DATA_DIRECTORY where the directory cannot be used (no permission, disk full). */
  static acquire(dataDirectory: string): Instance {
    try {
      const directory = join(dataDirectory, 'slots');
      mkdirSync(directory, { recursive: true });
      const id = instanceId(join(dataDirectory, 'instance'));
      return alone(directory, () => {
        for (let slot = 0; slot < MAX_SLOTS; slot += 1) {
          const slotFile = openSync(join(directory, String(slot)), 'a+');
          if (lock(slotFile)) return new Instance({ id, slot, slotFile, directory });
          closeSync(slotFile);
        }
        throw new Error(`all ${MAX_SLOTS} slots are taken`);
      });
    } catch (error) {
      throw new MillraceError('DATA_DIRECTORY', { path: dataDirectory, reason: reasonOf(error) }, { cause: error });
    }
  }

  /** The transactional ids that dead processes of this directory (this slot's last one too) may have left open. */
  abandonedIds(): string[] {
    const ids = idsIn(textOf(this.#slotFile));
    this.#eachDead((name, file) => {
      const text = textOf(file);
      this.#found.set(name, text);
      ids.push(...idsIn(text));
    });
    return ids;
  }

  /** Notes the ids that this process will use, before it uses them; and that the dead ones' have been seen to. */
  recordIds(transactionalIds: readonly string[]): void {
    this.#write({ pid: process.pid, transactionalIds });
    this.#eachDead((name, file) => {
      // A process that has died since the look left ids that nobody has ended.
      if (textOf(file) === this.#found.get(name)) ftruncateSync(file, 0);
    });
  }

  /** A clean end: nothing was left open. */
  release(): void {
    ftruncateSync(this.#slotFile, 0);
    closeSync(this.#slotFile);
  }

  /** Visits the slots that no process holds. */
  #eachDead(visit: (name: string, file: number) => void): void {
    alone(this.#directory, () => {
      for (const name of readdirSync(this.#directory)) {
        if (Number(name) === this.slot) continue;
        const file = openSync(join(this.#directory, name), 'a+');
        try {
          if (lock(file)) visit(name, file);
        } finally {
          closeSync(file);
        }
      }
    });
  }

  #write(content: SlotContent): void {
    ftruncateSync(this.#slotFile, 0);
    writeSync(this.#slotFile, JSON.stringify(content));
  }
}

/**
 * Runs `work` with the slots to itself. A look at a slot locks it for a moment; a process that starts at that moment would
 * take it for taken, and where it was slot 0, nobody would run the sources.
 */
function alone<T>(slots: string, work: () => T): T {
  const file = openSync(`${slots}.lock`, 'a+');
  try {
    flockSync(file, 'ex');
    return work();
  } finally {
    closeSync(file);
  }
}

function lock(file: number): boolean {
  try {
    flockSync(file, 'exnb');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EWOULDBLOCK')) return false;
    throw error;
  }
}

/** The id in the file, made where there is none; the lock keeps two first starts from making two. */
function instanceId(path: string): string {
  const file = openSync(path, 'a+');
  try {
    flockSync(file, 'ex');
    const known = readFileSync(file, 'utf8').trim();
    if (/^[\w-]{8,64}$/.test(known)) return known;
    const made = randomBytes(9).toString('base64url').replaceAll('-', '_');
    ftruncateSync(file, 0);
    writeSync(file, `${made}\n`);
    return made;
  } finally {
    closeSync(file);
  }
}

/** All of a file, wherever an earlier read has left off. */
function textOf(file: number): string {
  const bytes = Buffer.alloc(fstatSync(file).size);
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0));
}

/** None after a clean end, or where a kill cut the write short: then nothing had been begun yet. */
function idsIn(text: string): string[] {
  try {
    const { transactionalIds } = JSON.parse(text) as Partial<SlotContent>;
    return [...(transactionalIds ?? [])];
  } catch {
    return [];
  }
}
