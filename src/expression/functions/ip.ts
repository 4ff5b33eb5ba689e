import type { JsonValue } from '../../record/json.ts';
import type { Argument, ExpressionFunction } from './definition.ts';
import { type Address, formatNetwork, isIn, type Network, networkOf, parseAddress, parseNetwork } from './ip-address.ts';

const IP = { name: 'ip', type: 'string' } as const;

/** Networks that are reached from near only: RFC 1918, RFC 4193 (unique local), loopback and link-local ones (RFC 6890). */
const PRIVATE: readonly Network[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
].map((text) => parseNetwork(text) as Network);

/**
 * Functions of IP addresses in text. An IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.1`) is that IPv4 address. What is no
 * address (`1.2.3`, `010.0.0.1`) is missing.
 */
export const ipFunctions: readonly ExpressionFunction[] = [
  {
    name: 'cidr_match',
    summary:
      'Whether the address is in one of the networks, which are texts such as `10.0.0.0/8`, `2001:db8::/32` or single addresses, or lists of them; missing where it is no address, or where no network holds it and one of them is none.',
    parameters: [IP, { name: 'network', type: 'any' }, { name: 'more', type: 'any', rest: true, optional: true }],
    returns: 'boolean',
    example: { text: "cidr_match('192.168.7.1', '10.0.0.0/8', '192.168.0.0/16')", result: true },
    call: (ip: Argument, ...networks: Argument[]) => {
      const address = addressOf(ip);
      return address === undefined ? undefined : isInOneOf(address, networks);
    },
    prepare: ([, ...literals]) => {
      const networks = literals.flat().map((text) => (typeof text === 'string' ? parseNetwork(text) : undefined));
      if (!networks.every((network) => network !== undefined)) return undefined;
      return (ip) => {
        const address = addressOf(ip);
        return address === undefined ? undefined : networks.some((network) => isIn(address, network));
      };
    },
    check: ([ip, ...literals]) =>
      wrongAddress(ip) ??
      literals
        .flat()
        .map(wrongNetwork)
        .find((wrong) => wrong !== undefined),
  },
  {
    name: 'ip_is_private',
    summary:
      'Whether the address is private (RFC 1918, and RFC 4193 for IPv6), of this host (loopback) or of this link (link-local); missing where it is no address.',
    parameters: [IP],
    returns: 'boolean',
    example: { text: "ip_is_private('172.20.1.1')", result: true },
    call: (ip: Argument) => {
      const address = addressOf(ip);
      return address === undefined ? undefined : PRIVATE.some((network) => isIn(address, network));
    },
    check: ([ip]) => wrongAddress(ip),
  },
  {
    name: 'ip_version',
    summary: 'The version of the address, 4 or 6; missing where it is none.',
    parameters: [IP],
    returns: 'number',
    example: { text: "ip_version('2001:db8::1')", result: 6 },
    call: (ip: Argument) => {
      const address = addressOf(ip);
      return address === undefined ? undefined : versionOf(address);
    },
    check: ([ip]) => wrongAddress(ip),
  },
  {
    name: 'ip_subnet',
    summary:
      'The network of the first bits of the address, as `cidr_match` takes it; of an IPv6 address bits6 count where it is given. Missing where it is no address, or has fewer bits.',
    parameters: [IP, { name: 'bits', type: 'number' }, { name: 'bits6', type: 'number', optional: true }],
    returns: 'string',
    example: { text: "ip_subnet('192.0.2.77', 24, 64)", result: '192.0.2.0/24' },
    call: (ip: Argument, bits: Argument, bits6: Argument) => {
      const address = addressOf(ip);
      if (address === undefined) return undefined;
      const counted = versionOf(address) === 6 && bits6 !== undefined ? bits6 : bits;
      const network = typeof counted === 'number' ? networkOf(address, counted) : undefined;
      return network === undefined ? undefined : formatNetwork(network);
    },
    check: ([ip, bits, bits6]) =>
      wrongAddress(ip) ?? wrongBits('bits', bits, bits6 === undefined ? 128 : 32) ?? wrongBits('bits6', bits6, 128),
  },
];

function addressOf(ip: Argument): Address | undefined {
  return typeof ip === 'string' ? parseAddress(ip) : undefined;
}

function versionOf(address: Address): 4 | 6 {
  return typeof address === 'number' ? 4 : 6;
}

/** `undefined` where none holds it and one is no network. */
function isInOneOf(address: Address, networks: readonly Argument[]): boolean | undefined {
  let all = true;
  for (const given of networks) {
    for (const text of Array.isArray(given) ? given : [given]) {
      const network = typeof text === 'string' ? parseNetwork(text) : undefined;
      if (network === undefined) all = false;
      else if (isIn(address, network)) return true;
    }
  }
  return all ? false : undefined;
}

function wrongAddress(literal: JsonValue | undefined): string | undefined {
  if (typeof literal !== 'string' || parseAddress(literal) !== undefined) return undefined;
  return `'${literal}' is no IP address; a field has no quotes`;
}

/** A network that is written out has no bits beyond those that count: one of the two numbers would be a mistake. */
function wrongNetwork(literal: JsonValue | undefined): string | undefined {
  if (literal === undefined) return undefined;
  const network = typeof literal === 'string' ? parseNetwork(literal) : undefined;
  if (network === undefined)
    return `${JSON.stringify(literal)} is no network: write '10.0.0.0/8', '2001:db8::/32' or a single address`;
  const [written = ''] = (literal as string).split('/');
  const address = parseAddress(written);
  if (address === undefined || String(address) === String(network.address)) return undefined;
  return `'${literal as string}' has bits beyond those that count: write '${formatNetwork(network)}'`;
}

function wrongBits(name: string, literal: JsonValue | undefined, most: number): string | undefined {
  if (typeof literal !== 'number' || (Number.isInteger(literal) && literal >= 0 && literal <= most)) return undefined;
  return `${name} is a whole number from 0 to ${most}, not ${literal}`;
}
