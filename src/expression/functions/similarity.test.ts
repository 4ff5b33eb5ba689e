import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { evaluate } from '../../../test/support/evaluate.ts';
import { levenshtein } from './edit-distance.ts';
import { jaroWinkler } from './jaro-winkler.ts';
import { trigramSimilarity } from './trigrams.ts';

const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'é'), maxLength: 12 });

/** The definition itself, as it stands in textbooks. */
function naive(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  if (a[0] === b[0]) return naive(a.slice(1), b.slice(1));
  return 1 + Math.min(naive(a.slice(1), b), naive(a, b.slice(1)), naive(a.slice(1), b.slice(1)));
}

describe('levenshtein', () => {
  test.each([
    ['kitten', 'sitting', 3],
    ['saturday', 'sunday', 3],
    ['GUMBO', 'GAMBOL', 2],
    ['', 'abc', 3],
    ['flaw', 'lawn', 2],
    ['paypal.com', 'paypa1.com', 1],
  ])('of %s and %s is %d', (a, b, edits) => {
    expect(levenshtein(a, b)).toBe(edits);
  });

  it('is what its definition says', () => {
    const tiny = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(tiny, tiny, (a, b) => {
        expect(levenshtein(a, b)).toBe(naive(a, b));
      }),
    );
  });

  it('is a metric', () => {
    fc.assert(
      fc.property(short, short, short, (a, b, c) => {
        expect(levenshtein(a, b)).toBe(levenshtein(b, a));
        expect(levenshtein(a, b) === 0).toBe(a === b);
        expect(levenshtein(a, c)).toBeLessThanOrEqual(levenshtein(a, b) + levenshtein(b, c));
      }),
    );
  });

  it('ends at 256 characters', () => {
    const value = { a: 'x'.repeat(256), b: 'y'.repeat(256), c: 'z'.repeat(257), d: 7 };
    expect(evaluate('levenshtein(a, b)', value)).toBe(256);
    expect(evaluate('levenshtein(a, c)', value)).toBeUndefined();
    expect(evaluate('jaro_winkler(c, a)', value)).toBeUndefined();
    expect(evaluate('levenshtein(a, d)', value)).toBeUndefined();
  });
});

describe('jaro_winkler', () => {
  // Of Winkler's reports (1990, 1994); the values have three or four digits there.
  test.each([
    ['MARTHA', 'MARHTA', 0.9611],
    ['DIXON', 'DICKSONX', 0.8133],
    ['DWAYNE', 'DUANE', 0.84],
    ['SHACKLEFORD', 'SHACKELFORD', 0.982],
    ['DUNNINGHAM', 'CUNNIGHAM', 0.896],
    ['NICHLESON', 'NICHULSON', 0.956],
    ['JONES', 'JOHNSON', 0.832],
    ['MASSEY', 'MASSIE', 0.933],
    ['ABROMS', 'ABRAMS', 0.922],
    ['JERALDINE', 'GERALDINE', 0.926],
    ['MICHELLE', 'MICHAEL', 0.921],
    ['JULIES', 'JULIUS', 0.933],
    ['TANYA', 'TONYA', 0.88],
    ['SEAN', 'SUSAN', 0.805],
    ['JON', 'JOHN', 0.933],
    ['JON', 'JAN', 0.8],
    ['ABC', 'XYZ', 0],
  ])('of %s and %s is %d', (a, b, expected) => {
    expect(Math.abs(jaroWinkler(a, b) - expected)).toBeLessThan(0.0006);
  });

  it('is from 0 to 1, and 1 only for the same', () => {
    fc.assert(
      fc.property(short, short, (a, b) => {
        const similarity = jaroWinkler(a, b);
        expect(similarity >= 0 && similarity <= 1).toBe(true);
        expect(similarity === 1).toBe(a === b);
      }),
    );
  });
});

describe('trigram_similarity', () => {
  // Of the documentation of pg_trgm, and counted by hand.
  test.each([
    ['word', 'words', 4 / 7],
    ['word', 'two words', 4 / 11],
    ['Cat', 'cat!', 1],
    ['cat', 'dog', 0],
    ['', '', 0],
    ['--', 'cat', 0],
    ['Größe', 'größe', 1],
  ])('of %s and %s is %d', (a, b, expected) => {
    expect(trigramSimilarity(a, b)).toBeCloseTo(expected, 12);
  });

  it('is symmetric, from 0 to 1, and 1 for the same', () => {
    fc.assert(
      fc.property(short, short, (a, b) => {
        const similarity = trigramSimilarity(a, b);
        expect(similarity).toBe(trigramSimilarity(b, a));
        expect(similarity >= 0 && similarity <= 1).toBe(true);
        expect(trigramSimilarity(a, a)).toBe(/[a-cé]/.test(a) ? 1 : 0);
      }),
    );
  });
});

describe('soundex', () => {
  // Examples of the National Archives (General Information Leaflet 55), and of D. Knuth.
  test.each([
    ['Robert', 'R163'],
    ['Rupert', 'R163'],
    ['Rubin', 'R150'],
    ['Ashcraft', 'A261'],
    ['Ashcroft', 'A261'],
    ['Tymczak', 'T522'],
    ['Pfister', 'P236'],
    ['Honeyman', 'H555'],
    ['Washington', 'W252'],
    ['Lee', 'L000'],
    ['Gutierrez', 'G362'],
    ['Jackson', 'J250'],
    ['VanDeusen', 'V532'],
    ['Euler', 'E460'],
    ['Gauss', 'G200'],
    ['Hilbert', 'H416'],
    ['Knuth', 'K530'],
    ['Lloyd', 'L300'],
    ['Lukasiewicz', 'L222'],
    ['Müller', 'M460'],
    ["O'Hara", 'O600'],
  ])('of %s is %s', (name, code) => {
    expect(evaluate('soundex(name)', { name })).toBe(code);
  });

  it('is missing where there is no letter', () => {
    for (const name of ['', '42', '王', 7]) expect(evaluate('soundex(name)', { name })).toBeUndefined();
  });
});
