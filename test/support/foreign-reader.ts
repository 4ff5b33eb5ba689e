import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { artifact, findJava } from '../../src/testing/cluster/index.ts';

/** A record as Kafka's own Java client sees it. */
export interface ForeignRecord {
  readonly partition: number;
  readonly offset: number;
  /** The Kafka timestamp, in ms since 1970. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[];
}

/** End or committed offset by partition. */
export type Offsets = ReadonlyMap<number, number>;

export type IsolationLevel = 'read_committed' | 'read_uncommitted';

const SOURCE = fileURLToPath(new URL('./java/ForeignReader.java', import.meta.url));

/**
 * All records of a topic up to its end at this moment, read by a client that shares no code with ours. Partitions are mixed; within
 * one the order is the topic's. Waits (up to two minutes) for transactions that are open, since nothing behind them can be read.
 */
export async function* streamTopic(
  brokers: string,
  topic: string,
  isolation: IsolationLevel = 'read_committed',
): AsyncGenerator<ForeignRecord, void, undefined> {
  const reader = await startReader(['read', brokers, topic, isolation]);
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of reader.child.stdout) {
      const frames = new FrameReader(rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]));
      for (let record = frames.next(); record !== undefined; record = frames.next()) yield record;
      rest = frames.rest();
    }
    await reader.succeeded;
  } finally {
    reader.child.kill('SIGKILL');
  }
  if (rest.length > 0) throw new Error(`the foreign reader ended within a record of ${topic}`);
}

/** {@link streamTopic} into an array: for topics that fit into memory. */
export async function readCommitted(brokers: string, topic: string): Promise<ForeignRecord[]> {
  const records: ForeignRecord[] = [];
  for await (const record of streamTopic(brokers, topic)) records.push(record);
  return records;
}

/** Where each partition of a topic ends (its high watermark), uncommitted records included. */
export async function topicEndOffsets(brokers: string, topic: string): Promise<Offsets> {
  return (await offsetLines(['ends', brokers, topic])).get(topic) ?? new Map<number, number>();
}

/** What a consumer group has committed, by topic. */
export function committedOffsets(brokers: string, group: string): Promise<ReadonlyMap<string, Offsets>> {
  return offsetLines(['committed', brokers, group]);
}

/** A topic's settings, as the brokers have them. */
export async function topicConfig(brokers: string, topic: string): Promise<ReadonlyMap<string, string>> {
  const lines = await outputLines(['config', brokers, topic]);
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}

/** The id of the broker that coordinates a group. */
export async function coordinatorOf(brokers: string, group: string): Promise<number> {
  return Number((await outputLines(['coordinator', brokers, group]))[0]);
}

/** Deletes topics; settles when they are gone. */
export async function deleteTopics(brokers: string, topics: readonly string[]): Promise<void> {
  await outputLines(['delete', brokers, ...topics]);
}

/** Follows what groups commit, by one client that keeps asking. */
export class CommitWatch {
  readonly #child: Reader['child'];
  readonly #sums = new Map<string, number>();
  #rest = '';

  private constructor(reader: Reader) {
    this.#child = reader.child;
    reader.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) {
        const [group = '', sum] = line.split(' ');
        this.#sums.set(group, Number(sum));
      }
    });
  }

  static async start(brokers: string, groups: readonly string[]): Promise<CommitWatch> {
    return new CommitWatch(await startReader(['watch', brokers, ...groups]));
  }

  /** The sum of a group's committed offsets over its partitions, by the last look. */
  sum(group: string): number {
    return this.#sums.get(group) ?? 0;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

async function outputLines(args: readonly string[]): Promise<string[]> {
  const reader = await startReader(args);
  let text = '';
  for await (const chunk of reader.child.stdout.setEncoding('utf8')) text += String(chunk);
  await reader.succeeded;
  return text.split('\n').filter((each) => each !== '');
}

async function offsetLines(args: readonly string[]): Promise<Map<string, Map<number, number>>> {
  const topics = new Map<string, Map<number, number>>();
  for (const line of await outputLines(args)) {
    const [topic = '', partition, offset] = line.split(' ');
    const offsets = topics.get(topic) ?? new Map<number, number>();
    topics.set(topic, offsets.set(Number(partition), Number(offset)));
  }
  return topics;
}

interface Reader {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Rejects, with what the program said, when it ended with an error. */
  readonly succeeded: Promise<void>;
}

async function startReader(args: readonly string[]): Promise<Reader> {
  const [java, jars] = await Promise.all([findJava(process.env), artifact('kafka', process.env, () => {})]);
  const options = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', join(jars, '*')];
  const child = spawn(java.program, [...options, SOURCE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4096);
  });
  const succeeded = once(child, 'close').then(([code, signal]: unknown[]) => {
    if (code !== 0) throw new Error(`the foreign reader (${args.join(' ')}) ended with ${String(code ?? signal)}:\n${errors}`);
  });
  // Whoever gives up early does not ask how it ended.
  succeeded.catch(() => {});
  return { child, succeeded };
}

/** Takes whole records off a piece of the reader's output, whose form is described in ForeignReader.java. */
class FrameReader {
  readonly #bytes: Buffer;
  /** The end of the last whole record. */
  #end = 0;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next record, or undefined where the piece ends within it. */
  next(): ForeignRecord | undefined {
    this.#at = this.#end;
    const fixed = this.#take(20);
    const key = fixed && this.#field();
    const value = fixed && this.#field();
    const headers = fixed && this.#headers();
    if (fixed === undefined || key === undefined || value === undefined || headers === undefined) return undefined;
    this.#end = this.#at;
    const offset = Number(fixed.readBigInt64BE(4));
    return { partition: fixed.readInt32BE(0), offset, timestamp: Number(fixed.readBigInt64BE(12)), key, value, headers };
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#end);
  }

  #headers(): [string, Buffer | null][] | undefined {
    const count = this.#take(4)?.readInt32BE(0);
    if (count === undefined) return undefined;
    const headers: [string, Buffer | null][] = [];
    for (let index = 0; index < count; index += 1) {
      const name = this.#field();
      const value = this.#field();
      if (name === undefined || value === undefined) return undefined;
      headers.push([String(name), value]);
    }
    return headers;
  }

  #field(): Buffer | null | undefined {
    const length = this.#take(4)?.readInt32BE(0);
    if (length === undefined) return undefined;
    return length < 0 ? null : this.#take(length);
  }

  /** The next bytes; undefined, now and from now on, where there are not enough. */
  #take(length: number): Buffer | undefined {
    const start = this.#at;
    this.#at += length;
    return this.#at > this.#bytes.length ? undefined : this.#bytes.subarray(start, this.#at);
  }
}
