import { expect, it } from 'vitest';
import type { OptionLanguage } from '../../../src/sdk/option.ts';
import { runCampaign } from './campaign.ts';
import { canary } from './canary.ts';
import { Writer } from './expression-grammar.ts';
import { isSafeName, tryText } from './try-expression.ts';
import { CANARY } from './words.ts';
import { changes, worldNow } from './world.ts';

/**
 * Texts of all languages, written by their grammar with every function and aggregate, some with mistakes, are compiled and run on
 * hostile records: nothing throws, hangs, gives what is no JSON, changes a record that it only reads, or touches what is not the record's.
 */

const LANGUAGES: readonly OptionLanguage[] = ['expression', 'expression', 'template', 'url', 'map', 'map', 'aggregate', 'match'];

it('expressions of every kind compile and run within bounds', async () => {
  // The compiler was loaded after the canary, and so must not read it plainly.
  expect(isSafeName(CANARY)).toBe(false);
  const before = worldNow();
  const compiled = new Map<OptionLanguage, number>();
  await runCampaign({
    cases: { ci: 8000, full: 150_000 },
    attempt: (random) => {
      const language = random.of(LANGUAGES);
      const text = new Writer(random, language).text();
      try {
        if (tryText(language, text, random)) compiled.set(language, (compiled.get(language) ?? 0) + 1);
      } catch (error) {
        throw new Error(`${language} ${JSON.stringify(text)}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    },
    inspect: () => expect(changes(before, worldNow())).toEqual([]),
  });
  expect(canary.reads).toBe(0);
  // What is never compiled is never run.
  for (const language of LANGUAGES) expect(compiled.get(language), language).toBeGreaterThan(100);
}, 3_600_000);
