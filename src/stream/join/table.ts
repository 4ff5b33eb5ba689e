import { MillraceError } from '../../errors/index.ts';
import type { JsonValue } from '../../record/json.ts';
import type { TableSource, TableView } from '../../sdk/operator.ts';

/**
 * A table in memory: the last value of each key of a partition of a topic. Values are kept as their JSON, which is a fraction of the
 * size of the objects, and parsed when they are asked for: that costs what copying the object would, which the asker may change.
 */
export class JoinTable implements TableView {
  readonly #source: TableSource;
  readonly #texts = new Map<string, string>();
  #characters = 0;
  #unreadable = 0;

  constructor(source: TableSource) {
    this.#source = source;
  }

  /** Keys held. */
  get size(): number {
    return this.#texts.size;
  }

  /** The characters of keys and values held, which is most of the memory: 1 byte each, 2 in texts beyond Latin-1. */
  get characters(): number {
    return this.#characters;
  }

  /** Records so far without a key, or whose value is no JSON: their key, if any, is not in the table. */
  get unreadable(): number {
    return this.#unreadable;
  }

  get(key: string): JsonValue | undefined {
    const text = this.#texts.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
  }

  /**
   * A record of the topic, in the order of its partition. `value` null: the key is removed. Throws JOIN_TABLE_TOO_LARGE where the
   * table would have more keys than it may.
   */
  apply(key: Uint8Array | null, value: Uint8Array | null): void {
    if (key === null) {
      this.#unreadable += 1;
      return;
    }
    const name = textOf(key);
    const text = value === null ? undefined : this.#read(value);
    this.#remove(name);
    if (text === undefined) return;
    if (this.#texts.size >= this.#source.maxKeys)
      throw new MillraceError('JOIN_TABLE_TOO_LARGE', { topic: this.#source.topic, limit: this.#source.maxKeys });
    this.#texts.set(name, text);
    this.#characters += name.length + text.length;
  }

  #remove(name: string): void {
    const before = this.#texts.get(name);
    if (before === undefined) return;
    this.#texts.delete(name);
    this.#characters -= name.length + before.length;
  }

  /** The value's JSON as one that `get` can parse; `undefined` where it is none. What is unreadable must not pass for what was there before. */
  #read(value: Uint8Array): string | undefined {
    const text = textOf(value);
    try {
      JSON.parse(text);
      return text;
    } catch {
      this.#unreadable += 1;
      return undefined;
    }
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
