/** The digits of the letters from A on (National Archives of the United States); 0 for vowels, and - for H and W, which do not separate. */
const DIGITS = '0123012-02245501262301-202';
const LENGTH = 4;
const A = 0x41;

/**
 * The American Soundex code of a name: its first letter and three digits, by how it sounds in English. Letters with marks count as those
 * without, other characters not at all; `undefined` where there is no letter from A to Z.
 */
export function soundex(name: string): string | undefined {
  const letters = name
    .normalize('NFD')
    .toUpperCase()
    .replaceAll(/[^A-Z]/g, '');
  if (letters === '') return undefined;
  let code = letters.charAt(0);
  let before = digitOf(letters, 0);
  for (let i = 1; i < letters.length && code.length < LENGTH; i += 1) {
    const digit = digitOf(letters, i);
    if (digit === '-') continue;
    if (digit !== '0' && digit !== before) code += digit;
    before = digit;
  }
  return code.padEnd(LENGTH, '0');
}

function digitOf(letters: string, i: number): string {
  return DIGITS.charAt(letters.charCodeAt(i) - A);
}
