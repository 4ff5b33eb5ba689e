import { describe, expect, it } from 'vitest';
import { bindOption, defaultScope, type ExpressionProblem } from '../../src/expression/index.ts';
import { CompiledOption, type OptionLanguage } from '../../src/sdk/option.ts';
import { builtInAggregates } from '../../src/stream/aggregate/functions.ts';
import { BROKEN_EXPRESSIONS } from './broken-expressions.ts';
import { expectGolden, folder } from './golden.ts';

const SCOPE = { ...defaultScope, aggregates: builtInAggregates };

function problemsOf(language: OptionLanguage, text: string): readonly ExpressionProblem[] {
  const option = new CompiledOption(language, text);
  option.elements = language === 'match' ? ['small', 'big'] : [];
  return bindOption(option, SCOPE);
}

/** The text, and below it each problem: the place, the code, what is said, and what to put in its place. */
function shown(text: string, problems: readonly ExpressionProblem[]): string {
  const lines = problems.map(({ offset, length, code, message, suggestion }) => {
    const meant = suggestion === undefined ? '' : ` -> ${JSON.stringify(suggestion)}`;
    return `  ${offset}+${length} ${code}: ${message}${meant}`;
  });
  return [JSON.stringify(text), ...lines].join('\n');
}

const languages = Object.entries(BROKEN_EXPRESSIONS) as [OptionLanguage, readonly string[]][];

describe('broken expressions', () => {
  it.each(languages)('of the language %s are refused in these words', (language, texts) => {
    const all = texts.map((text) => ({ text, problems: problemsOf(language, text) }));
    expect(all.filter(({ problems }) => problems.length === 0).map(({ text }) => text)).toEqual([]);
    expectGolden(
      `${folder('expressions')}${language}.expected`,
      `${all.map(({ text, problems }) => shown(text, problems)).join('\n')}\n`,
    );
  });

  it('are many', () => {
    expect(languages.flatMap(([, texts]) => texts).length).toBeGreaterThanOrEqual(150);
  });
});
