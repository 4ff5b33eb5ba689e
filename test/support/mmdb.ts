import { isIPv6 } from 'node:net';

/**
 * Writes MaxMind databases for tests, by the description of the format, version 2.0
 * (https://maxmind.github.io/MaxMind-DB/): a binary tree over the bits of addresses, whose leaves point into a section of
 * encoded values, and metadata at the end.
 */

export type MmdbValue = string | number | boolean | readonly MmdbValue[] | { readonly [name: string]: MmdbValue };

export interface MmdbOptions {
  readonly ipVersion?: 4 | 6;
  /** Bits of each of the two records of a node. */
  readonly recordSize?: 24 | 28 | 32;
  /** The format's major version. */
  readonly version?: number;
  readonly type?: string;
}

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
/** Zeros between the tree and the values. */
const SEPARATOR = Buffer.alloc(16);
const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** Numbers of the types, from the description's table. */
const Type = { pointer: 1, text: 2, double: 3, uint32: 6, map: 7, array: 11, boolean: 14 } as const;

type Child = Node | { readonly offset: number } | undefined;
interface Node {
  children: [Child, Child];
}

/** The bytes of a database in which each network (`81.2.69.0/24`) has its value. */
export function mmdb(networks: Readonly<Record<string, MmdbValue>>, options: MmdbOptions = {}): Buffer {
  const { ipVersion = 6, recordSize = 28, version = 2, type = 'Test-City' } = options;
  const values = new ValueSection();
  const root: Node = { children: [undefined, undefined] };
  for (const [network, value] of Object.entries(networks)) insert(root, bitsOf(network, ipVersion), values.add(value));
  const nodes = nodesOf(root);
  const metadata: MmdbValue = {
    binary_format_major_version: version,
    binary_format_minor_version: 0,
    database_type: type,
    description: { en: 'made by a test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: recordSize,
    build_epoch: 1_700_000_000,
  };
  return Buffer.concat([treeBytes(nodes, recordSize), SEPARATOR, values.bytes, MARKER, encoded(metadata)]);
}

/** Values, each once: what is there already is pointed at. */
class ValueSection {
  readonly #parts: Buffer[] = [];
  readonly #offsets = new Map<string, number>();
  #length = 0;

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** The offset of a value. Texts are written first and pointed at, as MaxMind's own files do. */
  add(value: MmdbValue): number {
    const key = JSON.stringify(value);
    const there = this.#offsets.get(key);
    if (there !== undefined) return there;
    const bytes = encoded(value, (text) => pointer(this.add(text)));
    const offset = this.#length;
    this.#parts.push(bytes);
    this.#length += bytes.length;
    this.#offsets.set(key, offset);
    return offset;
  }
}

function bitsOf(network: string, ipVersion: 4 | 6): number[] {
  const [address = '', length = ''] = network.split('/');
  const isSix = isIPv6(address);
  const bytes = isSix ? bytesOfIpv6(address) : address.split('.').map(Number);
  const bits = bytes.flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1)).slice(0, Number(length));
  // In a tree for both versions IPv4 addresses stand below 96 zeros.
  return isSix || ipVersion === 4 ? bits : [...Array.from({ length: IPV6_BITS - IPV4_BITS }, () => 0), ...bits];
}

function bytesOfIpv6(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined): number[] =>
    text === undefined || text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 255]);
}

function insert(root: Node, bits: readonly number[], offset: number): void {
  let node = root;
  for (const bit of bits.slice(0, -1)) {
    const child = node.children[bit as 0 | 1];
    if (child !== undefined && 'offset' in child) throw new Error('networks of a test must not lie in each other');
    const next: Node = child ?? { children: [undefined, undefined] };
    node.children[bit as 0 | 1] = next;
    node = next;
  }
  node.children[bits.at(-1) as 0 | 1] = { offset };
}

/** All nodes, the root first. */
function nodesOf(root: Node): Node[] {
  const nodes: Node[] = [root];
  for (const node of nodes) for (const child of node.children) if (child !== undefined && 'children' in child) nodes.push(child);
  return nodes;
}

function treeBytes(nodes: readonly Node[], recordSize: 24 | 28 | 32): Buffer {
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  const recordOf = (child: Child): number => {
    if (child === undefined) return nodes.length;
    return 'offset' in child ? nodes.length + SEPARATOR.length + child.offset : (numbers.get(child) as number);
  };
  return Buffer.concat(nodes.map(({ children: [left, right] }) => nodeBytes(recordOf(left), recordOf(right), recordSize)));
}

function nodeBytes(left: number, right: number, recordSize: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc(recordSize / 4);
  if (recordSize === 32) {
    bytes.writeUInt32BE(left, 0);
    bytes.writeUInt32BE(right, 4);
    return bytes;
  }
  bytes.writeUIntBE(left & 0xffffff, 0, 3);
  bytes.writeUIntBE(right & 0xffffff, recordSize === 24 ? 3 : 4, 3);
  // The middle byte of 28 holds the highest four bits of both.
  if (recordSize === 28) bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
  return bytes;
}

function encoded(value: MmdbValue, textWithin: (text: string) => Buffer = (text) => encoded(text)): Buffer {
  const within = (item: MmdbValue): Buffer => (typeof item === 'string' ? textWithin(item) : encoded(item, textWithin));
  if (typeof value === 'string') return withControl(Type.text, Buffer.from(value));
  if (typeof value === 'boolean') return control(Type.boolean, value ? 1 : 0);
  if (typeof value === 'number') return encodedNumber(value);
  if (Array.isArray(value)) return Buffer.concat([control(Type.array, value.length), ...value.map(within)]);
  const entries = Object.entries(value);
  return Buffer.concat([
    control(Type.map, entries.length),
    ...entries.flatMap(([name, item]) => [textWithin(name), within(item)]),
  ]);
}

function encodedNumber(value: number): Buffer {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    // Zeros in front are left out: a zero has no bytes at all.
    const first = bytes.findIndex((byte) => byte !== 0);
    return withControl(Type.uint32, bytes.subarray(first < 0 ? bytes.length : first));
  }
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return withControl(Type.double, bytes);
}

function withControl(type: number, payload: Buffer): Buffer {
  return Buffer.concat([control(type, payload.length), payload]);
}

/** The bytes that say the type and the size of what follows. */
function control(type: number, size: number): Buffer {
  const extended = type > 7 ? [type - 7] : [];
  const high = type > 7 ? 0 : type << 5;
  if (size < 29) return Buffer.from([high | size, ...extended]);
  if (size < 285) return Buffer.from([high | 29, ...extended, size - 29]);
  if (size < 65_821) return Buffer.from([high | 30, ...extended, (size - 285) >> 8, (size - 285) & 255]);
  throw new Error('values of a test are small');
}

/** A pointer of the longest form: four bytes. */
function pointer(offset: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = (Type.pointer << 5) | (3 << 3);
  bytes.writeUInt32BE(offset, 1);
  return bytes;
}
