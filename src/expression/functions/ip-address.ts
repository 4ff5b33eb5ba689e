/**
 * An IP address: an IPv4 address as its 32 bits (0 to 2^32 - 1), an IPv6 address as its eight groups of 16 bits. An IPv4 address that is
 * written as an IPv6 one (`::ffff:192.0.2.1`, RFC 4291, 2.5.5.2) is the IPv4 address.
 */
export type Address = number | readonly number[];

/** The addresses that have the first `bits` bits of `address`. */
export interface Network {
  readonly address: Address;
  readonly bits: number;
}

const GROUPS = 8;
const GROUP_BITS = 16;
const IPV4_BITS = 32;
const IPV6_BITS = 128;
/** Bits before the IPv4 address in a mapped one. */
const MAPPED_BITS = 96;

/** The longest address in text: IPv6 with an IPv4 address at its end, and a zone. */
const LONGEST = 64;

const ZERO = 0x30;
const DOT = 0x2e;
const COLON = 0x3a;
const LOWER_A = 0x61;
/** Digits of a group. */
const MOST_DIGITS = 4;
const ZEROS: readonly number[] = new Array<number>(GROUPS).fill(0);

/**
 * The address that a text writes in full: four decimal numbers without leading zeros, or the forms of RFC 4291, 2.2. The zone of an IPv6 address
 * (`%eth0`, RFC 4007) is left out.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > LONGEST) return undefined;
  if (!text.includes(':')) return parseIpv4(text, 0, text.length);
  const groups = parseIpv6(text);
  return groups === undefined || !isMapped(groups) ? groups : mappedBits(groups);
}

/** An address, or one with the number of its first bits that count behind a slash (RFC 4632). Further bits are left out. */
export function parseNetwork(text: string): Network | undefined {
  if (text.length > LONGEST) return undefined;
  const slash = text.indexOf('/');
  const written = slash < 0 ? text : text.slice(0, slash);
  const bits = slash < 0 ? undefined : parseBits(text.slice(slash + 1));
  if (slash >= 0 && bits === undefined) return undefined;
  if (!written.includes(':')) {
    const address = parseIpv4(written, 0, written.length);
    return address === undefined ? undefined : networkOf(address, bits ?? IPV4_BITS);
  }
  const groups = parseIpv6(written);
  if (groups === undefined) return undefined;
  const counted = bits ?? IPV6_BITS;
  return isMapped(groups) && counted >= MAPPED_BITS
    ? networkOf(mappedBits(groups), counted - MAPPED_BITS)
    : networkOf(groups, counted);
}

/** The network of an address; `undefined` where it has not so many bits. */
export function networkOf(address: Address, bits: number): Network | undefined {
  if (!Number.isInteger(bits) || bits < 0) return undefined;
  if (typeof address === 'number') return bits > IPV4_BITS ? undefined : { address: firstBits(address, bits), bits };
  if (bits > IPV6_BITS) return undefined;
  const kept = address.map((group, i) => group & groupMask(bits - i * GROUP_BITS));
  return { address: kept, bits };
}

export function isIn(address: Address, network: Network): boolean {
  const { bits } = network;
  if (typeof address === 'number') return firstBits(address, bits) === network.address;
  if (typeof network.address === 'number') return false;
  const whole = bits >>> 4;
  for (let i = 0; i < whole; i += 1) if (address[i] !== network.address[i]) return false;
  return whole === GROUPS || ((address[whole] as number) & groupMask(bits & 15)) === network.address[whole];
}

/** The text of a network, that of its address as RFC 5952 has it. */
export function formatNetwork({ address, bits }: Network): string {
  return `${formatAddress(address)}/${bits}`;
}

function formatAddress(address: Address): string {
  if (typeof address === 'number') return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
  const { start, length } = longestZeros(address);
  const texts = address.map((group) => group.toString(16));
  if (length < 2) return texts.join(':');
  return `${texts.slice(0, start).join(':')}::${texts.slice(start + length).join(':')}`;
}

/** The longest run of groups of zero, the first of several. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [i, group] of groups.entries()) {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  }
  return best;
}

function firstBits(address: number, bits: number): number {
  return bits === 0 ? 0 : (address & (-1 << (IPV4_BITS - bits))) >>> 0;
}

/** The mask of a group of which so many bits count, none where it is negative. */
function groupMask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= GROUP_BITS ? 0xffff : (0xffff << (GROUP_BITS - bits)) & 0xffff;
}

function parseBits(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) ? Number(text) : undefined;
}

/** The IPv4 address in `text` from `start` to before `end`. */
function parseIpv4(text: string, start: number, end: number): number | undefined {
  if (end - start > 15) return undefined;
  let address = 0;
  let octet = -1;
  let octets = 0;
  for (let i = start; i <= end; i += 1) {
    const code = i < end ? text.charCodeAt(i) : DOT;
    if (code === DOT) {
      if (octet < 0) return undefined;
      address = address * 256 + octet;
      octets += 1;
      octet = -1;
    } else {
      const digit = code - ZERO;
      if (digit < 0 || digit > 9 || octet === 0) return undefined;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return undefined;
    }
  }
  return octets === 4 ? address : undefined;
}

/** The groups in `text`, up to its zone. */
function parseIpv6(text: string): readonly number[] | undefined {
  const zone = text.indexOf('%');
  if (zone === text.length - 1) return undefined;
  const end = zone < 0 ? text.length : zone;
  const groups: number[] = [];
  const beginsWithGap = text.startsWith('::');
  let gap = beginsWithGap ? 0 : -1;
  let i = beginsWithGap ? 2 : 0;
  while (i < end) {
    const start = i;
    let group = 0;
    let digit = hexDigit(text, i);
    while (digit >= 0 && i < end && i - start <= MOST_DIGITS) {
      group = group * 16 + digit;
      i += 1;
      digit = hexDigit(text, i);
    }
    if (i < end && text.charCodeAt(i) === DOT) {
      // An IPv4 address stands at the end only.
      const address = parseIpv4(text, start, end);
      if (address === undefined) return undefined;
      groups.push(address >>> GROUP_BITS, address & 0xffff);
      break;
    }
    if (i === start || i - start > MOST_DIGITS) return undefined;
    groups.push(group);
    if (i === end) break;
    if (text.charCodeAt(i) !== COLON) return undefined;
    i += 1;
    if (i === end) return undefined;
    if (text.charCodeAt(i) !== COLON) continue;
    if (gap >= 0) return undefined;
    gap = groups.length;
    i += 1;
  }
  return filled(groups, gap);
}

/** All eight groups: `::` stands for at least one of zero. */
function filled(groups: readonly number[], gap: number): readonly number[] | undefined {
  const zeros = GROUPS - groups.length;
  if (gap < 0) return zeros === 0 ? groups : undefined;
  if (zeros < 1) return undefined;
  return [...groups.slice(0, gap), ...ZEROS.slice(0, zeros), ...groups.slice(gap)];
}

function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= ZERO && code <= ZERO + 9) return code - ZERO;
  const letter = (code | 0x20) - LOWER_A;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

function isMapped(groups: readonly number[]): boolean {
  for (let i = 0; i < 5; i += 1) if (groups[i] !== 0) return false;
  return groups[5] === 0xffff;
}

function mappedBits(groups: readonly number[]): number {
  return (groups[6] as number) * 65_536 + (groups[7] as number);
}
