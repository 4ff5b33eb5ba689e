import { checkRegExp } from '../../sdk/regex.ts';
import type { Detector } from './detector.ts';

/** What is wrong with a user's pattern; `undefined` where nothing is. */
export function patternProblem(pattern: string): string | undefined {
  const checked = checkRegExp(pattern);
  if (!checked.ok) return `the pattern ${checked.reason}`;
  return new RegExp(pattern).test('')
    ? 'the pattern matches a text without a character, so it would be found everywhere'
    : undefined;
}

/** A text that is too long for a pattern. It is thrown: a text that was not looked at must not go on. */
export class TextTooLong extends Error {
  readonly pattern: string;
  readonly limit: number;

  constructor(pattern: string, limit: number) {
    super(`the text is longer than ${limit} characters`);
    this.pattern = pattern;
    this.limit = limit;
  }
}

/** Finds what a user's pattern matches, all of it. Throws {@link TextTooLong} for a text beyond what the pattern's check allows. */
export function ownPattern(name: string, pattern: string): Detector {
  const checked = checkRegExp(pattern);
  const limit = checked.ok ? checked.maxInput : 0;
  const all = new RegExp(pattern, 'g');
  return (text, report) => {
    if (text.length > limit) throw new TextTooLong(name, limit);
    all.lastIndex = 0;
    for (let match = all.exec(text); match !== null; match = all.exec(text)) {
      const { length } = match[0];
      // A pattern such as `$|x` matches nothing at some places: they are passed over, or it would stay there.
      if (length === 0) all.lastIndex += 1;
      else report(match.index, match.index + length);
    }
  };
}
