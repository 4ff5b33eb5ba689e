import { stat } from 'node:fs/promises';
import { clusterAddress } from './cluster.ts';
import { streamTopic } from './foreign-reader.ts';

interface StoredPosition {
  readonly inode: string;
  readonly offset: number;
  readonly archive?: boolean;
  readonly finished_size?: number;
  readonly former?: readonly { readonly unread?: number }[];
}

/** The committed positions of a namespace's file sources, by inode. */
async function storedPositions(namespace: string): Promise<Map<string, StoredPosition>> {
  const positions = new Map<string, StoredPosition | null>();
  for await (const { key, value } of streamTopic(clusterAddress().brokers, `${namespace}.positions`)) {
    positions.set(String(key), value === null ? null : (JSON.parse(String(value)) as StoredPosition));
  }
  return new Map([...positions.values()].flatMap((position) => (position === null ? [] : [[position.inode, position]])));
}

/** The committed position of one file; `undefined` where nothing of it was read. */
export async function storedPosition(namespace: string, path: string): Promise<StoredPosition | undefined> {
  const { ino } = await stat(path, { bigint: true });
  return (await storedPositions(namespace)).get(String(ino));
}

/** Those of `paths` of which committed positions do not say that they were read to their end. */
export async function unreadFiles(namespace: string, paths: readonly string[]): Promise<string[]> {
  const positions = await storedPositions(namespace);
  const unread: string[] = [];
  for (const path of paths) {
    const { ino, size } = await stat(path, { bigint: true });
    const { offset = 0, archive = false, finished_size: finished = 0 } = positions.get(String(ino)) ?? {};
    const end = archive ? finished : offset;
    if (end !== Number(size)) unread.push(`${path}: read to ${end} of ${size}`);
  }
  return unread;
}
