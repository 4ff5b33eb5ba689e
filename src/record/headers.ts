/**
 * Kafka record headers in the form that crosses the native border: for each header a u32 length of the name, the name,
 * an i32 length of the value (-1 for null) and the value, little-endian. Names may repeat and order is kept (KIP-82).
 */

/** One Kafka header. The value is null where the sender gave none. */
export interface Header {
  readonly name: string;
  readonly value: Buffer | null;
}

/** The headers of one record, decoded from their packed form. Values are views of `packed`, not copies. */
export function decodeHeaders(packed: Buffer): Header[] {
  const headers: Header[] = [];
  let at = 0;
  while (at < packed.length) {
    const nameLength = packed.readUInt32LE(at);
    at += 4;
    const name = packed.toString('utf8', at, at + nameLength);
    at += nameLength;
    const valueLength = packed.readInt32LE(at);
    at += 4;
    if (valueLength < 0) {
      headers.push({ name, value: null });
    } else {
      headers.push({ name, value: packed.subarray(at, at + valueLength) });
      at += valueLength;
    }
  }
  return headers;
}

/** The packed form of `headers`; the inverse of {@link decodeHeaders}. */
export function encodeHeaders(headers: Iterable<{ name: string; value: Uint8Array | string | null }>): Buffer {
  const parts: Buffer[] = [];
  for (const { name, value } of headers) {
    const nameBytes = Buffer.from(name, 'utf8');
    const valueBytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    const lengths = Buffer.allocUnsafe(8);
    lengths.writeUInt32LE(nameBytes.length, 0);
    lengths.writeInt32LE(valueBytes === null ? -1 : valueBytes.length, 4);
    parts.push(lengths.subarray(0, 4), nameBytes, lengths.subarray(4, 8));
    if (valueBytes !== null) parts.push(Buffer.from(valueBytes.buffer, valueBytes.byteOffset, valueBytes.byteLength));
  }
  return Buffer.concat(parts);
}

/** The last value of the header `name` as text, or `undefined` where there is none (the last wins, as in Kafka's `lastHeader`). */
export function headerText(packed: Buffer, name: string): string | undefined {
  let found: string | undefined;
  if (packed.length === 0) return found;
  for (const header of decodeHeaders(packed)) {
    if (header.name === name && header.value !== null) found = header.value.toString('utf8');
  }
  return found;
}
