import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Detector } from './detector.ts';
import { ownPattern, patternProblem } from './own-pattern.ts';
import { PATTERN_NAMES, type PatternName, patterns } from './patterns.ts';

/** The pieces of a text that a detector finds. */
function found(detect: Detector, text: string): string[] {
  const pieces: string[] = [];
  detect(text, (start, end) => pieces.push(text.slice(start, end)));
  return pieces;
}

const finds = (name: PatternName, text: string): string[] => found(patterns[name].detect, text);

/** The digit that makes a number pass the Luhn check, by the definition: written otherwise than the code under test. */
function luhnDigit(body: string): string {
  const doubled = [...body].reverse().map((digit, i) => (i % 2 === 0 ? [...String(Number(digit) * 2)] : [digit]));
  const sum = doubled.flat().reduce((total, digit) => total + Number(digit), 0);
  return String((10 - (sum % 10)) % 10);
}

const digits = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length });

/** Beginnings of the large schemes, with the length of their numbers. */
const issuers = [
  ['4', 16],
  ['4', 13],
  ['51', 16],
  ['55', 16],
  ['2221', 16],
  ['2720', 16],
  ['34', 15],
  ['37', 15],
  ['6011', 16],
  ['3528', 16],
  ['36', 14],
  ['62', 19],
  ['6304', 12],
] as const;

const card = fc
  .constantFrom(...issuers)
  .chain(([head, length]) => digits(length - head.length - 1).map((middle) => head + middle + luhnDigit(head + middle)));

/** Text that may stand beside a number without being taken for a part of it. */
const prose = fc.string({ unit: fc.constantFrom(...'abc XYZ.,:;"(){}[]@/_\n0123é漢'), maxLength: 40 });
const before = prose.map((text) => `${text.replace(/[\p{L}\p{N}_@.:/ -]*$/u, '')}|`);
const after = prose.map((text) => `|${text}`);

describe('cards', () => {
  it('are found wherever they stand in a text, in one piece or in groups', () => {
    const grouped = fc
      .constantFrom('', ' ', '-')
      .chain((gap) => card.map((number) => number.replaceAll(/(.{4})(?=.)/g, `$1${gap}`)));
    fc.assert(
      fc.property(before, grouped, after, (head, number, tail) => {
        expect(finds('card', head + number + tail)).toContain(number);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are not found where the check digit is another one', () => {
    fc.assert(
      fc.property(card, fc.integer({ min: 1, max: 9 }), (number, off) => {
        const wrong = number.slice(0, -1) + String((Number(number.at(-1)) + off) % 10);
        expect(finds('card', `card ${wrong}.`)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are not found where no scheme gives out such numbers, or within a longer number or word', () => {
    fc.assert(
      fc.property(card, fc.constantFrom('1', '9', 'x', 'Z'), (number, beside) => {
        expect(finds('card', beside + number)).toEqual([]);
        // Another digit behind it can make it another scheme's number.
        if (beside > '9') expect(finds('card', number + beside)).toEqual([]);
      }),
    );
    for (const body of ['100000000000000', '999999999999999', '000000000000000', '170000000000'])
      expect(finds('card', body + luhnDigit(body))).toEqual([]);
  });

  test.each([
    ['order 5 4111 1111 1111 1111 paid', ['4111 1111 1111 1111']],
    ['4111-1111-1111-1111,5500 0000 0000 0004', ['4111-1111-1111-1111', '5500 0000 0000 0004']],
    ['card_4111111111111111_x', ['4111111111111111']],
    ['3782 822463 10005', ['3782 822463 10005']],
    ['4111  1111  1111  1111', []],
    ['4111.1111.1111.1111', []],
    ['1716796800000', []],
  ])('%j has %j', (text, numbers) => {
    expect(finds('card', text)).toEqual(numbers);
  });
});

describe('IBANs', () => {
  test.each([
    ['pay DE89370400440532013000 now', ['DE89370400440532013000']],
    ['GB29 NWBK 6016 1331 9268 19', ['GB29 NWBK 6016 1331 9268 19']],
    ['DE89 3704 0044 0532 0130 00 AND MORE', ['DE89 3704 0044 0532 0130 00']],
    ['FR1420041010050500013M02606, NO9386011117947', ['FR1420041010050500013M02606', 'NO9386011117947']],
    ['DE88370400440532013000', []],
    ['DE8937040044053201300', []],
    ['XDE89370400440532013000', []],
    ['DE893704004405320130001', []],
    ['ZZ89370400440532013000', []],
    ['DE', []],
  ])('%j has %j', (text, numbers) => {
    expect(finds('iban', text)).toEqual(numbers);
  });

  it('are found with the right check digits only', () => {
    const body = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 18, maxLength: 18 });
    fc.assert(
      fc.property(body, before, after, (account, head, tail) => {
        const check = (98n - (BigInt(`${account}131400`) % 97n)).toString().padStart(2, '0');
        const text = `${head}DE${check}${account}${tail}`;
        expect(finds('iban', text)).toEqual([`DE${check}${account}`]);
        const wrong = ((Number(check) + 1) % 97).toString().padStart(2, '0');
        expect(finds('iban', `${head}DE${wrong}${account}${tail}`)).toEqual([]);
      }),
    );
  });
});

describe('e-mail addresses', () => {
  test.each([
    ['from <bob.smith+x@mail.example.org>, to=a@b.co.', ['bob.smith+x@mail.example.org', 'a@b.co']],
    ['mailto:x_1%y@ex-ample.com?subject=z', ['x_1%y@ex-ample.com']],
    ['müller@exämple.de', ['müller@exämple.de']],
    ['谢谢 用户@例子.广告。', ['用户@例子.广告']],
    ['..a@b.org..', ['a@b.org']],
    ['a@b.org@c.org', ['a@b.org']],
    ['a@b@c.org', ['b@c.org']],
    ['@user and user@ and a@b and a@1.2.3.4 a.@b.org', []],
    ['a@b..c a@-', []],
    [`${'x'.repeat(100)}@b.org`, [`${'x'.repeat(64)}@b.org`]],
  ])('%j has %j', (text, addresses) => {
    expect(finds('email', text)).toEqual(addresses);
  });

  it('are found wherever they stand', () => {
    const edge = fc.constantFrom('', ' ', '<', '"', '(', ',', ';', '=', '\n', '://');
    fc.assert(
      fc.property(fc.emailAddress(), edge, fc.constantFrom('', ' ', '>', '"', ')', ',', ';', '?', '/'), (address, head, tail) => {
        // Quotes, slashes and the like are legal in a local part and mean something else in most texts.
        fc.pre(/^[\w.+%~#*&^-]+@/.test(address) && !/\.\d+$/.test(address));
        expect(finds('email', head + address + tail)).toEqual([address]);
      }),
    );
  });
});

describe('addresses', () => {
  test.each<[PatternName, string, string[]]>([
    ['ipv4', 'from 10.0.0.1:80, 255.255.255.255.', ['10.0.0.1', '255.255.255.255']],
    ['ipv4', 'host_10.0.0.1_x ...10.1.1.1', ['10.0.0.1', '10.1.1.1']],
    ['ipv4', '1.2.3 1.2.3.4.5 256.1.1.1 v1.2.3.4 1.2.3.4x 01.2.3.4', []],
    ['ipv6', '[2001:db8::1]:443 and ::1, fe80::1%eth0', ['2001:db8::1', '::1', 'fe80::1']],
    ['ipv6', '::ffff:10.1.2.3 1:2:3:4:5:6:7:8: error', ['::ffff:10.1.2.3', '1:2:3:4:5:6:7:8']],
    ['ipv6', '12:30:45 12:30:45.123 :: aa:bb:cc:dd:ee:ff std::dead http://x', []],
  ])('%s: %j has %j', (name, text, addresses) => {
    expect(finds(name, text)).toEqual(addresses);
  });

  it('are found wherever they stand', () => {
    const edge = fc.constantFrom('', ' ', '[', '"', ',', '=', '/');
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV6(), edge, fc.constantFrom('', ' ', ']', '"', ',', '/', '.'), (four, six, head, tail) => {
        expect(finds('ipv4', head + four + tail)).toEqual([four]);
        if (six !== '::') expect(finds('ipv6', head + six + tail)).toEqual([six]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('tokens', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
  const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

  test.each([
    [`token=${jwt}&x`, [jwt]],
    ['Authorization: Bearer mF_9.B5f-4.1JqM0123', ['mF_9.B5f-4.1JqM0123']],
    ['{"authorization":"Basic QWxhZGRpbjpvcGVu=="}', ['QWxhZGRpbjpvcGVu==']],
    ['key AKIAIOSFODNN7EXAMPLE.', ['AKIAIOSFODNN7EXAMPLE']],
    [`AWS_SECRET_ACCESS_KEY="${secret}"`, [secret]],
    [`"SecretAccessKey": "${secret}"`, [secret]],
    [`ghp_${'a1'.repeat(18)}`, [`ghp_${'a1'.repeat(18)}`]],
    ['xoxb-1234567890-abc and sk_live_abcdefghijklmnop', ['xoxb-1234567890-abc', 'sk_live_abcdefghijklmnop']],
    ['the bearer authentication of basic information', []],
    ['eyJ.eyJ. notAKIAIOSFODNN7EXAMPLE', []],
  ])('%j has %j', (text, tokens) => {
    expect(finds('token', text)).toEqual(tokens);
  });
});

describe('every pattern', () => {
  it('never throws, and finds pieces of the text from left to right', () => {
    const odd = fc.string({
      unit: fc.constantFrom(...'0123456789abAF.:-@ _="\\\n', 'eyJ', 'DE89', 'Bearer ', '4111', '漢', '\ud800'),
      maxLength: 80,
    });
    fc.assert(
      fc.property(
        fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 80 })),
        fc.constantFrom(...PATTERN_NAMES),
        (text, name) => {
          const ends: number[] = [0];
          patterns[name].detect(text, (start, end) => {
            if (name !== 'token') expect(start).toBeGreaterThanOrEqual(ends.at(-1) as number);
            expect(start).toBeLessThan(end);
            expect(end).toBeLessThanOrEqual(text.length);
            ends.push(end);
          });
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test.each(PATTERN_NAMES)('%s takes time that grows with the length only', (name) => {
    const pieces = ['4', '4 ', '62', '6 ', '1.', '1.1.1.1', ':', 'a:', '::1', '@', 'a@', 'a.', 'a@b.', 'DE89', 'A', 'DE89 '];
    const words = [
      'eyJ',
      '-eyJ',
      'eyJaaaaaaaa.',
      'bearer ',
      'bearer\t\t',
      'authorization: ',
      'aws_secret_access_key=',
      'sk-',
      'AKIA',
    ];
    for (const piece of [...pieces, ...words]) {
      const text = piece.repeat(Math.ceil(300_000 / piece.length));
      const begin = performance.now();
      patterns[name].detect(text, () => undefined);
      expect(performance.now() - begin, piece).toBeLessThan(2_000);
    }
  });
});

describe('own patterns', () => {
  it('find all matches, and stand still at none', () => {
    expect(found(ownPattern('p', '(?<=id=)\\d+'), 'id=1 id=23 xid=4')).toEqual(['1', '23', '4']);
    expect(found(ownPattern('p', 'x|$'), 'axbx')).toEqual(['x', 'x']);
  });

  test.each<[string, RegExp | undefined]>([
    ['\\d+', undefined],
    ['(a+)+$', /exponentially/],
    ['(', /malformed/],
    ['a*', /without a character/],
  ])('%s: %s', (pattern, problem) => {
    if (problem === undefined) expect(patternProblem(pattern)).toBeUndefined();
    else expect(patternProblem(pattern)).toMatch(problem);
  });
});
