import { BlockList, isIP, isIPv4 } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Ranges that belong to nobody in particular, so that no database has a place for them: private, shared, loopback,
 * link-local, multicast, documentation and reserved ones (RFC 6890, IANA's special-purpose registries).
 */
const RANGES: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
];

const special = new BlockList();
for (const [network, prefix] of RANGES) special.addSubnet(network, prefix, isIPv4(network) ? 'ipv4' : 'ipv6');

/** The address in a text: without its zone, and an IPv4 address that is written as an IPv6 one as itself. `undefined` where it is none. */
export function addressIn(text: string): string | undefined {
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  if (isIP(bare) === 0) return undefined;
  return MAPPED.exec(bare)?.[1] ?? bare;
}

/** Whether an address is of one of those ranges. */
export function isSpecial(address: string): boolean {
  return special.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
