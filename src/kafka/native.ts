import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { reasonOf } from '../errors/index.ts';
import type { TopicPartitionOffset } from './types.ts';

const require = createRequire(import.meta.url);

/** What the addon passes of an error or an end of partition that a read met. */
export interface NativeEvent {
  readonly code: number;
  readonly message: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** `needed`: bytes of the record that found no room in the arena, or 0. */
export type ReadCallback = (connected: boolean, records: number, needed: number, topics: string[], events: NativeEvent[]) => void;

export interface NativeReaderHandle {
  read(arena: Buffer, index: Float64Array, maxRecords: number, maxBytes: number, timeoutMs: number, done: ReadCallback): void;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  discard(topic: string, partition: number): void;
  close(): void;
}

export interface NativeWriterHandle {
  /** Returns the first row not enqueued and why (0: all were). */
  write(topics: readonly string[], arena: Buffer, index: Float64Array, from: number, to: number): [next: number, code: number];
  /** The same on a worker thread. */
  write(
    topics: readonly string[],
    arena: Buffer,
    index: Float64Array,
    from: number,
    to: number,
    done: (next: number, code: number) => void,
  ): void;
  close(): void;
}

type Answer<T> = (failure: { code: number; message: string } | null, value?: T) => void;

/** The addon built from `native/`. A client is what node-rdkafka's `getClient()` returns. */
export interface NativeAddon {
  readonly builtFor: string;
  readonly Reader: new (client: object) => NativeReaderHandle;
  readonly Writer: new (client: object) => NativeWriterHandle;
  clientName(client: object): string | undefined;
  assignmentLost(client: object): boolean;
  commit(client: object, offsets: readonly TopicPartitionOffset[], timeoutMs: number, done: Answer<void>): void;
  topicConfig(client: object, topic: string, timeoutMs: number, done: Answer<Record<string, string>>): void;
  topicId(client: object, topic: string, timeoutMs: number, done: Answer<string>): void;
}

/** Beside the sources, seen from them and from their compiled form under `dist/src/kafka`. */
const PLACES = ['./native/build/Release/millrace_batch.node', '../../../src/kafka/native/build/Release/millrace_batch.node'];

/**
 * Loads the addon, or says why it can't be used. node-rdkafka must have been loaded before, so that both share one
 * librdkafka; the addon is refused when it was built for another version of node-rdkafka, whose classes it looks into.
 */
export function loadNative(): { readonly addon: NativeAddon } | { readonly reason: string } {
  const path = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);
  if (path === undefined) return { reason: 'it has not been built' };
  try {
    const addon = require(path) as NativeAddon;
    const installed = installedVersion();
    if (addon.builtFor !== installed)
      return { reason: `it was built for node-rdkafka ${addon.builtFor}, but ${installed} is installed` };
    return { addon };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function installedVersion(): string {
  const { version } = JSON.parse(readFileSync(require.resolve('node-rdkafka/package.json'), 'utf8')) as { version: string };
  return version.replace(/^v/, '');
}
