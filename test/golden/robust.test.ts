import { describe, expect, it } from 'vitest';
import { type LoadedPipeline, loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import { environment } from './golden.ts';
import { registry } from './registry.ts';

function load(text: string): LoadedPipeline {
  return loadPipeline('p.yaml', registry, { ...environment, readFile: () => text });
}

describe('any text', () => {
  it('is read in bounded time', () => {
    const bombs = [
      `a: ${'['.repeat(20_000)}`,
      '- '.repeat(20_000),
      `a: ${'['.repeat(190)}`,
      `a: [${'(, '.repeat(50_000)}]`,
      'a: b: c\n'.repeat(5_000),
      `a: "${'${X'.repeat(50_000)}"`,
      `${'a: &a\n'.repeat(5_000)}`,
      `x: y\na: ${'"a: '.repeat(5_000)}`,
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
