import type { TrackedFile } from './tracked-file.ts';

/** What every record of a file has: the host, and the file's path, with its inode and device where they are asked for. */
export function recordHead(host: string, file: TrackedFile, identity: boolean): { host: { name: string }; file: LogFile } {
  const { path, inode, device } = file;
  return { host: { name: host }, file: identity ? { path, inode, device_id: device } : { path } };
}

export interface LogFile {
  readonly path: string;
  readonly inode?: string;
  readonly device_id?: string;
}
