import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isScalar, parseDocument, stringify, visit } from 'yaml';
import { scalarOffsets } from './scalar-offsets.ts';

/** Of every text in the YAML: its value, and what stands in the file where each character is said to be. */
function mapped(text: string): { value: string; at: string; offsets: number[] }[] {
  const found: { value: string; at: string; offsets: number[] }[] = [];
  visit(parseDocument(text), {
    Scalar(key, node) {
      if (key === 'key' || !isScalar(node) || typeof node.value !== 'string') return;
      const offsetOf = scalarOffsets(text, node, node.value);
      const offsets = [...node.value].map((_, i) => offsetOf(i));
      found.push({ value: node.value, at: offsets.map((offset) => text[offset] ?? '').join(''), offsets });
    },
  });
  return found;
}

describe('scalarOffsets', () => {
  it.each([
    ['plain', 'a: some text', 'some text'],
    ['single quotes', "a: 'it''s fine'", "it's fine"],
    ['double quotes', 'a: "with \\"quotes\\""', 'with \\quotes\\'],
    ['a literal block', 'a: |\n  one\n    two\n\n  three\n', 'one\n  two\n\nthree\n'],
    ['a literal block with less indentation than its first line', 'a: |2\n    one\n  two\n', '  one\ntwo\n'],
    ['a literal block with CRLF', 'a: |\r\n  one\r\n  two\r\n', undefined],
  ])('finds the characters of %s', (_, text, expected) => {
    const [scalar] = mapped(text);
    const at = scalar?.at ?? '';
    expect(at.replace(/\n$/, '')).toBe((expected ?? at).replace(/\n$/, ''));
    expect(scalar?.offsets.every((offset, i, all) => i === 0 || offset >= (all[i - 1] as number))).toBe(true);
  });

  it.each([
    ['a plain text', 'a: one\n  two\n\n  three'],
    ['single quotes', "a: 'one  \n  two\n\n\n  three'"],
    ['double quotes', 'a: "one\n  two \\\n   three\\n\n  four"'],
    ['a folded block', 'a: >-\n  one\n  two\n\n  three\n    more\n  four\n'],
    ['a folded block that keeps its end', 'a: >+\n\n  one\n\n\n  two\n\n'],
  ])('finds words over several lines in %s', (_, text) => {
    const [scalar] = mapped(text);
    for (const word of ['one', 'two', 'three', 'four']) {
      const index = scalar?.value.indexOf(word) ?? -1;
      if (index >= 0) expect(scalar?.offsets[index]).toBe(text.indexOf(word));
    }
    expect(scalar?.value).toContain('one');
  });

  it('finds an escape by its backslash', () => {
    expect(mapped('a: "x\\u00e9y"')[0]?.offsets).toEqual([4, 5, 11]);
  });

  it('finds the letters of any text that YAML can write', () => {
    const words = fc.array(fc.constantFrom('alpha', 'b', ' ', '  ', '\n', '\n\n', "'", '"', '\\', ': ', '#', 'é', '\t'), {
      minLength: 1,
      maxLength: 12,
    });
    const style = fc.constantFrom('QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED', 'PLAIN');
    fc.assert(
      fc.property(words, style, fc.constantFrom(20, 80), (parts, defaultStringType, lineWidth) => {
        const value = parts.join('');
        const text = stringify({ deep: { list: [{ value }] } }, { defaultStringType, lineWidth });
        for (const scalar of mapped(text)) {
          for (const [i, character] of [...scalar.value].entries()) {
            if (/[a-z]/.test(character)) expect(text[scalar.offsets[i] as number]).toBe(character);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
