import { expect, it } from 'vitest';
import { bindOption, defaultScope, typeOption } from '../../../src/expression/index.ts';
import type { JsonObject } from '../../../src/record/json.ts';
import { CompiledOption, type OptionLanguage } from '../../../src/sdk/option.ts';
import { typeText, union } from '../../../src/sdk/types/index.ts';
import { runCampaign } from './campaign.ts';
import { Writer } from './expression-grammar.ts';
import { pooledValue, recordWith } from './hostile-records.ts';
import { admits, typeOfValue } from './value-types.ts';

/**
 * What is said of an expression's type is true: over records of a known type it gives no value that its type leaves out, or users would
 * be told of mistakes that are none. The type is that of two records together, and the expression runs on both.
 */

const LANGUAGES: readonly OptionLanguage[] = ['expression', 'expression', 'template', 'url', 'map'];

/** What would be larger than an expression may make is missing, which types do not say: nobody writes `??` for that. */
const isLarge = (value: JsonObject): boolean => JSON.stringify(value).length > 10_000;

it('the types of expressions hold for what they give', async () => {
  let typed = 0;
  await runCampaign({
    cases: { ci: 2000, full: 60_000 },
    attempt: (random) => {
      const language = random.of(LANGUAGES);
      const text = new Writer(random, language).text();
      const option = new CompiledOption(language, text);
      if (bindOption(option, defaultScope).length > 0) return;
      const values = [pooledValue(random), pooledValue(random)] as const;
      if (values.some(isLarge)) return;
      const record = union(typeOfValue(values[0]), typeOfValue(values[1]));
      const { type, always, problems } = typeOption(option, { ...defaultScope, record });
      if (problems.length > 0) return;
      typed += 1;
      for (const value of values) {
        const of = recordWith(structuredClone(value), random);
        const given = option.evaluate(of);
        const result = language === 'map' ? of.value : given;
        const holds = result === undefined ? !always : admits(type, result);
        if (holds) continue;
        const said = `${typeText(type)}${always ? '' : ' or missing'}`;
        throw new Error(
          `${language} ${JSON.stringify(text)} is said to be ${said}, and is ${JSON.stringify(result)?.slice(0, 300)} of ${JSON.stringify(value).slice(0, 600)}`,
        );
      }
    },
  });
  expect(typed).toBeGreaterThan(100);
}, 3_600_000);
