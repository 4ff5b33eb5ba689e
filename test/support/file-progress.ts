import { stat } from 'node:fs/promises';
import { clusterAddress } from './cluster.ts';
import { streamTopic } from './foreign-reader.ts';

interface StoredPosition {
  readonly inode: string;
  readonly offset: number;
  readonly archive?: boolean;
  readonly finished_size?: number;
}

/** How far files are read by the committed positions of a namespace's sources, by inode: in bytes, of an archive only when it is done. */
async function storedOffsets(namespace: string): Promise<Map<string, number>> {
  const positions = new Map<string, StoredPosition | null>();
  for await (const { key, value } of streamTopic(clusterAddress().brokers, `${namespace}.positions`)) {
    positions.set(String(key), value === null ? null : (JSON.parse(String(value)) as StoredPosition));
  }
  const read = new Map<string, number>();
  for (const position of positions.values()) {
    if (position === null) continue;
    const { inode, offset, archive, finished_size: finished = -1 } = position;
    read.set(inode, archive === true ? finished : offset);
  }
  return read;
}

/** Whether anything of a file is read, by the committed positions of a namespace's sources. */
export async function isKnown(namespace: string, path: string): Promise<boolean> {
  const { ino } = await stat(path, { bigint: true });
  return (await storedOffsets(namespace)).has(String(ino));
}

/** Those of `paths` of which committed positions do not say that they were read to their end. */
export async function unreadFiles(namespace: string, paths: readonly string[]): Promise<string[]> {
  const read = await storedOffsets(namespace);
  const unread: string[] = [];
  for (const path of paths) {
    const { ino, size } = await stat(path, { bigint: true });
    const end = read.get(String(ino)) ?? 0;
    if (end !== Number(size)) unread.push(`${path}: read to ${end} of ${size}`);
  }
  return unread;
}
