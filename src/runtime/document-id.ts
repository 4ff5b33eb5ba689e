import { createHash } from 'node:crypto';

/** 96 bits of a hash: two of a billion partitions meet with a chance of about 10^-11. */
const PREFIX_LENGTH = 16;

/**
 * Ids of documents: a hash of the topic's incarnation, topic and partition, then the offset in base 36. The hash is
 * taken once a partition instead of once a record, and ids of one partition share a prefix, which an index stores
 * cheaply. The form is a format: documents already delivered are recognised by it.
 */
export class DocumentIds {
  readonly #prefixes = new Map<string, string>();
  // Of the id before, for neighbours are mostly of one partition.
  #incarnation = '';
  #topic = '';
  #partition = -1;
  #prefix = '';

  id(incarnation: string, topic: string, partition: number, offset: number): string {
    if (partition !== this.#partition || topic !== this.#topic || incarnation !== this.#incarnation) {
      this.#prefix = this.#prefixOf(incarnation, topic, partition);
      this.#incarnation = incarnation;
      this.#topic = topic;
      this.#partition = partition;
    }
    return `${this.#prefix}-${offset.toString(36)}`;
  }

  #prefixOf(incarnation: string, topic: string, partition: number): string {
    const place = `${incarnation}/${topic}/${partition}`;
    let prefix = this.#prefixes.get(place);
    if (prefix === undefined) {
      prefix = createHash('sha256').update(place).digest('base64url').slice(0, PREFIX_LENGTH);
      this.#prefixes.set(place, prefix);
    }
    return prefix;
  }
}
