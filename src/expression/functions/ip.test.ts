import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { complaint, evaluate } from '../../../test/support/evaluate.ts';
import { parseAddress, parseNetwork } from './ip-address.ts';

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();

/** All bits of an address in text, by BigInt: no code in common with ours. Only for addresses without gaps. */
function bitsOf(text: string): string {
  const radix = text.includes(':') ? 16 : 10;
  const width = radix === 16 ? 16 : 8;
  return text
    .split(radix === 16 ? ':' : '.')
    .map((part) =>
      BigInt(radix === 16 ? `0x${part}` : part)
        .toString(2)
        .padStart(width, '0'),
    )
    .join('');
}

const group = fc.integer({ min: 0, max: 0xffff });
const fullIpv6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .filter((groups) => groups.slice(0, 5).some((value) => value !== 0))
  .map((groups) => groups.map((value) => value.toString(16)).join(':'));

const match = (ip: string, network: string): unknown => evaluate('cidr_match(ip, network)', { ip, network });

describe('addresses', () => {
  test.each([
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.4 ',
    '0x1.2.3.4',
    '1.2.3.4%eth0',
    '',
    ':',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '::12345',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
    'fe80::1%',
    '[::1]',
    ':::',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
    expect(evaluate('ip_version(ip)', { ip: text })).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['255.0.10.9', 0xff000a09],
    ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['2001:DB8::8:800:200c:417A', [0x2001, 0xdb8, 0, 0, 8, 0x800, 0x200c, 0x417a]],
    ['1::', [1, 0, 0, 0, 0, 0, 0, 0]],
    ['::ffff:129.144.52.38', 0x81903426],
    ['::ffff:8190:3426', 0x81903426],
    ['::13.1.68.3', [0, 0, 0, 0, 0, 0, 0x0d01, 0x4403]],
    ['fe80::1%eth0', [0xfe80, 0, 0, 0, 0, 0, 0, 1]],
  ])('%s is one', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  it('are those of Node', () => {
    const digit = fc.constantFrom(...'0123456789abcdef:.'.split(''), '::', '255', '1.2.3.4');
    const nearly = fc.array(digit, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6, nearly), (text) => {
        expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('cidr_match', () => {
  test.each<[string, string, boolean | undefined]>([
    ['10.255.255.255', '10.0.0.0/8', true],
    ['11.0.0.0', '10.0.0.0/8', false],
    ['200.1.2.3', '0.0.0.0/0', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.2', '192.0.2.1/32', false],
    ['2001:db8:1::5', '2001:db8::/32', true],
    ['2001:db9::', '2001:db8::/32', false],
    ['2001:db8:8000::', '2001:db8:8000::/33', true],
    ['2001:db8:7fff::', '2001:db8:8000::/33', false],
    // Mapped addresses are IPv4, on either side.
    ['::ffff:10.1.1.1', '10.0.0.0/8', true],
    ['10.1.1.1', '::ffff:10.0.0.0/104', true],
    ['10.1.1.1', '::/0', false],
    ['::1', '0.0.0.0/0', false],
    ['10.9.9.9', '10.1.2.3/8', true],
    ['nonsense', '10.0.0.0/8', undefined],
    ['10.0.0.1', '10.0.0.0/33', undefined],
    ['10.0.0.1', '10.0.0.0/08', undefined],
    ['10.0.0.1', '10.0.0.0/', undefined],
    ['10.0.0.1', '10.0.0/8', undefined],
  ])('%s in %s', (ip, network, expected) => {
    expect(match(ip, network)).toBe(expected);
  });

  it('compares the first bits', () => {
    const cases = (address: fc.Arbitrary<string>, most: number): fc.Arbitrary<[string, string, number, number]> =>
      fc.tuple(address, address, fc.integer({ min: 0, max: most }), fc.integer({ min: 0, max: most }));
    fc.assert(
      fc.property(fc.oneof(cases(ipv4, 32), cases(fullIpv6, 128)), ([a, b, bits, shared]) => {
        // Of two random addresses no bits agree: `near` has the first `shared` of `a`.
        const near = bitsOf(a).slice(0, shared) + bitsOf(b).slice(shared);
        const text = a.includes(':')
          ? (near.match(/.{16}/g) ?? []).map((part) => Number.parseInt(part, 2).toString(16)).join(':')
          : (near.match(/.{8}/g) ?? []).map((part) => Number.parseInt(part, 2)).join('.');
        fc.pre(typeof parseAddress(text) === typeof parseAddress(a));
        const expected = near.slice(0, bits) === bitsOf(a).slice(0, bits);
        expect(match(text, `${a}/${bits}`)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('is what Node says of its block lists', () => {
    fc.assert(
      fc.property(ipv6, ipv6, fc.integer({ min: 0, max: 128 }), (ip, network, bits) => {
        fc.pre(typeof parseAddress(ip) !== 'number' && typeof parseAddress(network) !== 'number');
        const list = new BlockList();
        list.addSubnet(network, bits, 'ipv6');
        expect(match(ip, `${network}/${bits}`)).toBe(list.check(ip, 'ipv6'));
      }),
    );
  });

  it('takes several networks and lists, written out or not', () => {
    const value = { ip: '192.168.7.1', mine: ['10.0.0.0/8', '192.168.0.0/16'], odd: ['10.0.0.0/8', 7] };
    expect(evaluate("cidr_match(ip, '10.0.0.0/8', '192.168.0.0/16')", value)).toBe(true);
    expect(evaluate("cidr_match(ip, ['10.0.0.0/8', '172.16.0.0/12'], '192.168.7.1')", value)).toBe(true);
    expect(evaluate('cidr_match(ip, mine)', value)).toBe(true);
    expect(evaluate("cidr_match(ip, '10.0.0.0/8', mine)", value)).toBe(true);
    expect(evaluate('cidr_match(ip, odd)', value)).toBeUndefined();
    expect(evaluate("cidr_match(ip, odd, '192.168.0.0/16')", value)).toBe(true);
    expect(evaluate('cidr_match(ip, [])', value)).toBe(false);
    expect(evaluate("cidr_match(none, '10.0.0.0/8')", value)).toBeUndefined();
  });
});

test.each<[string, boolean]>([
  ['10.0.0.1', true],
  ['172.15.255.255', false],
  ['172.16.0.0', true],
  ['172.32.0.0', false],
  ['192.168.255.1', true],
  ['127.9.9.9', true],
  ['169.254.169.254', true],
  ['100.64.0.1', false],
  ['8.8.8.8', false],
  ['::1', true],
  ['::2', false],
  ['fd12:3456::1', true],
  ['fe80::1%en0', true],
  ['fec0::1', false],
  ['2001:4860:4860::8888', false],
  ['::ffff:10.0.0.1', true],
])('ip_is_private(%s) is %s', (ip, expected) => {
  expect(evaluate('ip_is_private(ip)', { ip })).toBe(expected);
});

describe('ip_subnet', () => {
  test.each<[string, string | undefined]>([
    ["ip_subnet('192.0.2.77', 24)", '192.0.2.0/24'],
    ["ip_subnet('192.0.2.77', 0)", '0.0.0.0/0'],
    ["ip_subnet('::ffff:192.0.2.77', 24, 64)", '192.0.2.0/24'],
    ["ip_subnet('2001:db8:1:2:3:4:5:6', 24, 64)", '2001:db8:1:2::/64'],
    ["ip_subnet('2001:db8:1:2:3:4:5:6', 48)", '2001:db8:1::/48'],
    ["ip_subnet('2001:0:0:1:0:0:0:1', 128)", '2001:0:0:1::1/128'],
    ["ip_subnet('2001:db8:0:1:1:1:1:1', 128)", '2001:db8:0:1:1:1:1:1/128'],
    ["ip_subnet('::5', 120)", '::/120'],
    ["ip_subnet('192.0.2.77', 64)", undefined],
  ])('%s', (text, expected) => {
    expect(evaluate(text)).toBe(expected);
  });

  it('gives a network that holds the address and that does not change', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), fc.integer({ min: 0, max: 32 }), (ip, bits) => {
        const subnet = evaluate('ip_subnet(ip, bits)', { ip, bits }) as string;
        expect(match(ip, subnet)).toBe(true);
        expect(evaluate('ip_subnet(ip, bits)', { ip: subnet.split('/')[0] as string, bits })).toBe(subnet);
        expect(parseNetwork(subnet)).toMatchObject({ bits });
      }),
    );
  });
});

test.each([
  ["cidr_match(ip, '10.0.0.0/33')", '"10.0.0.0/33" is no network'],
  ["cidr_match(ip, ['10.0.0.0/8', 'x'])", '"x" is no network'],
  ["cidr_match(ip, '10.1.2.3/8')", "bits beyond those that count: write '10.0.0.0/8'"],
  ["cidr_match(ip, '2001:db8::1/32')", "write '2001:db8::/32'"],
  ["cidr_match('source.ip', '10.0.0.0/8')", 'a field has no quotes'],
  ["cidr_match('10.0.0.0/8', ip)", 'is no IP address'],
  ['ip_subnet(ip, 129)', 'from 0 to 128'],
  ['ip_subnet(ip, 33, 64)', 'from 0 to 32'],
  ['ip_subnet(ip, 24, 1.5)', 'from 0 to 128'],
  ['cidr_match(ip)', '2 to 100 arguments'],
])('%s is refused when it is loaded', (text, message) => {
  expect(complaint(text)).toContain(message);
});
