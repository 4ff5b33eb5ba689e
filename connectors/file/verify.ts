import type { FileConfig } from './config.ts';
import { SNIFFED_BYTES, whyNotText } from './content.ts';
import type { ContentReader } from './content-reader.ts';
import { beginsWith, fingerprintOf, readRange } from './fingerprint.ts';
import type { TrackedFile } from './tracked-file.ts';

/** How far back from the end a line's beginning is looked for when reading begins at the end. */
const LAST_LINE_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** What this takes of the source's options. */
export type VerifyConfig = Pick<FileConfig, 'fingerprint_bytes' | 'encoding' | 'header_lines'>;

/** What comparing a file with what was read of it found. */
export interface Verdict {
  /** Why what was read of it is not what it holds now; absent where it is. */
  readonly replaced?: string;
  /** Bytes that are lost, as far as they were seen. */
  readonly unread: number;
  /** Whether reading begins at its end, by choice and not by its position. */
  readonly beganAtEnd: boolean;
}

/**
 * Compares a file with what is known of it, after any change and before anything more is read: the same inode may hold
 * something else by now (truncated and written anew, or deleted and its inode used again). What does not fit is read
 * from its beginning.
 */
export async function verify(file: TrackedFile, content: ContentReader, config: VerifyConfig): Promise<Verdict> {
  const { fingerprint_bytes: fingerprintBytes } = config;
  const head = await readRange(content, 0, Math.max(fingerprintBytes, file.head.bytes, SNIFFED_BYTES));
  const reason = await whyReplaced(file, content, head);
  const unread = file.unreadWhenShrunk;
  if (reason !== undefined) file.restart(unread);
  file.unreadWhenShrunk = 0;
  if (file.head.bytes < fingerprintBytes) file.head = fingerprintOf(head.subarray(0, fingerprintBytes));
  if (file.offset === 0) {
    file.ignored = whyNotText(head, config.encoding);
    file.headerLines = config.header_lines;
  }
  const beganAtEnd = file.fromEnd && !file.archive;
  if (beganAtEnd) await beginAtEnd(file, content);
  file.confirm();
  return { ...(reason === undefined ? {} : { replaced: reason }), unread, beganAtEnd };
}

async function whyReplaced(file: TrackedFile, content: ContentReader, head: Buffer): Promise<string | undefined> {
  if (!file.archive && file.size < file.offset) return 'it was truncated';
  if (!beginsWith(head, file.head)) return 'another content took its place';
  const before = await readRange(content, file.offset - file.tail.bytes, file.tail.bytes);
  return beginsWith(before, file.tail) ? undefined : 'it was truncated and written anew';
}

/** Puts the offset behind the last whole line, so that a line that is being written is read whole. */
async function beginAtEnd(file: TrackedFile, content: ContentReader): Promise<void> {
  const from = Math.max(0, file.size - LAST_LINE_BYTES);
  const end = await readRange(content, from, file.size - from);
  const lastLine = end.lastIndexOf(LINE_FEED) + 1;
  const offset = lastLine > 0 ? lastLine : end.length;
  if (from + offset > 0) file.headerLines = 0;
  file.advance(from + offset, end.subarray(0, offset));
  file.fromEnd = false;
}
