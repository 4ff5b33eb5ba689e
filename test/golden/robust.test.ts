import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LoadedPipeline, loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import { environment, filesIn, folder } from './golden.ts';
import { registry } from './registry.ts';

const valid = folder('valid');
const texts = filesIn(valid, '.yaml').map((name) => readFileSync(join(valid, name), 'utf8'));

function load(text: string): LoadedPipeline {
  return loadPipeline('p.yaml', registry, { ...environment, readFile: () => text });
}

/** Every diagnostic stands in the file, and can be shown. */
function expectSound(loaded: LoadedPipeline, text: string): void {
  const lines = text.split('\n');
  for (const each of loaded.ok ? loaded.warnings : loaded.diagnostics) {
    expect(each.line).toBeGreaterThanOrEqual(1);
    expect(each.line).toBeLessThanOrEqual(lines.length);
    expect(each.column - 1).toBeLessThanOrEqual((lines[each.line - 1] as string).length);
    expect(renderDiagnostic(each)).toMatch(/^p\.yaml:\d+:\d+: (error|warning) [A-Z_]+: \S/);
  }
  if (!loaded.ok) expect(loaded.diagnostics.some((each) => each.severity === 'error')).toBe(true);
}

describe('any text', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ': ',
    ', ',
    '"',
    "'",
    '#',
    ' #',
    '&a ',
    '*a',
    '!b ',
    '|',
    '>',
    '${',
    '${X}',
    '{{',
    '}}',
    '\n',
    '\t',
    '- ',
    '?',
    '\u0000',
    '(',
    '\r\n',
    '---\n',
  ];

  it('gives a pipeline or diagnostics, and never throws', () => {
    const mutation = fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom('', ...pieces));
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(mutation, { minLength: 1, maxLength: 3 }), (text, mutations) => {
        let mutated = text;
        for (const [where, cut, put] of mutations) {
          const at = where % (mutated.length + 1);
          mutated = mutated.slice(0, at) + put + mutated.slice(at + cut);
        }
        expectSound(load(mutated), mutated);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('is read in bounded time', () => {
    const bombs = [
      `a: ${'['.repeat(20_000)}`,
      '- '.repeat(20_000),
      `a: ${'['.repeat(190)}`,
      `a: [${'(, '.repeat(50_000)}]`,
      'a: b: c\n'.repeat(5_000),
      `a: "${'${X'.repeat(50_000)}"`,
      `${'a: &a\n'.repeat(5_000)}`,
    ];
    for (const text of bombs) {
      const begin = performance.now();
      expect(load(text).ok).toBe(false);
      expect(performance.now() - begin, text.slice(0, 40)).toBeLessThan(20_000);
    }
  }, 120_000);

  it.each(["[ don't, can't ]", '[ a(b), c ]', '[ "max(a", "b)" ]', "[ it's (fine), ok ]"])(
    'takes %s for a list of two texts',
    (list) => {
      const text = `pipeline: p\ntopics: { a: { external: true }, b: {} }\nstreams:\n  s: { from: a, to: b, steps: [ set: { x: ${list} } ] }\n`;
      const loaded = load(text);
      expect(loaded.ok ? [] : loaded.diagnostics.map((each) => renderDiagnostic(each))).toEqual([]);
    },
  );
});
