/** A file's content by its places in bytes: an open file is one, and so is what an archive unpacks to. */
export interface ContentReader {
  /** Its length, where it is known to be complete. */
  readonly length?: number | undefined;
  /** Reads up to `length` bytes from `position` on into `buffer`; fewer at the end. */
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}
