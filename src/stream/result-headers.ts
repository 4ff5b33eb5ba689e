import { hash } from 'node:crypto';
import { decodeHeaders, encodeHeaders } from '../record/headers.ts';
import { RESULT_ID, RESULT_PANE, RESULT_VERSION } from '../record/result-header.ts';
import type { OperatorContext } from '../sdk/operator.ts';

/** 132 bits of a hash. */
const ID_LENGTH = 22;
/** Versions of one generation: its number times this, and the revision. */
const REVISIONS = 2 ** 32;
const LENGTH_BYTES = 4;

/**
 * The headers of results, packed as in `encodeHeaders`: `millrace.id`, a hash of pipeline, component, step and what identifies
 * the result, and `millrace.version`, generation * 2^32 + revision in decimal digits. Both are a format: sinks replace the
 * document of an id by one of a higher version.
 */
export class ResultHeaders {
  readonly #step: string;
  readonly #base: number;
  readonly #head: Buffer;
  readonly #middle: Buffer;

  constructor({ pipeline, component, id, generation }: OperatorContext) {
    this.#step = hash('sha256', JSON.stringify([pipeline, component, id]), 'base64url').slice(0, ID_LENGTH);
    this.#base = generation * REVISIONS;
    this.#head = Buffer.concat([nameOf(RESULT_ID), lengthOf(ID_LENGTH)]);
    this.#middle = nameOf(RESULT_VERSION);
  }

  /** The id of the result that `what` identifies within the step. */
  idOf(what: string): string {
    return hash('sha256', this.#step + what, 'base64url').slice(0, ID_LENGTH);
  }

  pack(id: string, revision: number): Uint8Array {
    const version = String(this.#base + revision);
    const fixed = this.#head.length + ID_LENGTH + this.#middle.length;
    const packed = Buffer.allocUnsafe(fixed + LENGTH_BYTES + version.length);
    packed.set(this.#head, 0);
    packed.write(id, this.#head.length, 'latin1');
    packed.set(this.#middle, this.#head.length + ID_LENGTH);
    packed.writeInt32LE(version.length, fixed);
    packed.write(version, fixed + LENGTH_BYTES, 'latin1');
    return packed;
  }
}

function lengthOf(bytes: number): Buffer {
  const packed = Buffer.alloc(LENGTH_BYTES);
  packed.writeUInt32LE(bytes);
  return packed;
}

function nameOf(name: string): Buffer {
  return Buffer.concat([lengthOf(name.length), Buffer.from(name)]);
}

/** What a result does not take over from its records: where one is a result itself, it is another. */
const OWN_HEADERS: ReadonlySet<string> = new Set([RESULT_ID, RESULT_VERSION, RESULT_PANE]);

/** Says of a result that it is not final. */
export const EARLY_HEADER: Buffer = encodeHeaders([{ name: RESULT_PANE, value: 'early' }]);

/** The headers of a result that has those of a record: with its own id. `early`: it is not final. */
export function headersWithId(packed: Buffer, id: string, early: boolean): Buffer {
  if (packed.length === 0 && !early) return idHeader(id);
  const own = early
    ? [
        { name: RESULT_ID, value: id },
        { name: RESULT_PANE, value: 'early' },
      ]
    : [{ name: RESULT_ID, value: id }];
  const kept = decodeHeaders(packed).filter(({ name }) => !OWN_HEADERS.has(name));
  return encodeHeaders([...kept, ...own]);
}

const ID_HEAD = Buffer.concat([nameOf(RESULT_ID), lengthOf(0)]);

/** An id alone: most records have no headers. */
function idHeader(id: string): Buffer {
  const length = Buffer.byteLength(id);
  const packed = Buffer.allocUnsafe(ID_HEAD.length + length);
  packed.set(ID_HEAD, 0);
  packed.writeInt32LE(length, ID_HEAD.length - LENGTH_BYTES);
  packed.write(id, ID_HEAD.length);
  return packed;
}
