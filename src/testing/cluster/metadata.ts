import { exchange } from './exchange.ts';

/** What one broker knows about its cluster. */
export interface ClusterMetadata {
  readonly brokers: readonly number[];
  /** The controller's id; -1 where there is none yet. */
  readonly controller: number;
  readonly partitions: readonly PartitionMetadata[];
}

export interface PartitionMetadata {
  readonly topic: string;
  readonly partition: number;
  /** The leader's id; -1 where there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

const METADATA = { key: 3, version: 1 } as const;

/**
 * Asks one broker for the metadata of all topics, in Kafka's own protocol (Metadata, version 1). By hand, because the answer
 * must be this broker's own and not that of any which a client happens to be connected to.
 */
export async function fetchMetadata(port: number): Promise<ClusterMetadata> {
  const answer = await exchange(
    port,
    metadataRequest(),
    (bytes) => bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0),
  );
  if (answer.length < 8) throw new Error(`the broker on port ${port} closed the connection`);
  // The answer begins with its size and the correlation id.
  const reader = new ProtocolReader(answer, 8);
  const brokers = reader.array(() => readBroker(reader));
  const controller = reader.int32();
  return { brokers, controller, partitions: reader.array(() => readTopic(reader)).flat() };
}

function metadataRequest(): Buffer {
  const client = Buffer.from('millrace-cluster');
  const header = Buffer.alloc(10);
  header.writeInt16BE(METADATA.key, 0);
  header.writeInt16BE(METADATA.version, 2);
  header.writeInt32BE(1, 4);
  header.writeInt16BE(client.length, 8);
  // A null array asks for all topics.
  const topics = Buffer.from([0xff, 0xff, 0xff, 0xff]);
  const body = Buffer.concat([header, client, topics]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

function readBroker(reader: ProtocolReader): number {
  const id = reader.int32();
  reader.string();
  reader.int32();
  reader.string();
  return id;
}

function readTopic(reader: ProtocolReader): PartitionMetadata[] {
  reader.int16();
  const topic = reader.string() ?? '';
  reader.int8();
  return reader.array(() => {
    reader.int16();
    return {
      topic,
      partition: reader.int32(),
      leader: reader.int32(),
      replicas: reader.array(() => reader.int32()),
      inSync: reader.array(() => reader.int32()),
    };
  });
}

/** Reads the primitive types of Kafka's protocol one after the other (https://kafka.apache.org/protocol#protocol_types). */
class ProtocolReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#advance(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }

  string(): string | undefined {
    const length = this.int16();
    if (length < 0) return undefined;
    const start = this.#advance(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  array<T>(element: () => T): T[] {
    const length = this.int32();
    return Array.from({ length: Math.max(length, 0) }, element);
  }

  #advance(count: number): number {
    const at = this.#at;
    this.#at += count;
    return at;
  }
}
