import { checkRegExp } from '../../../sdk/regex.ts';
import { analyse } from './backtracking.ts';
import { type Definitions, expand } from './expand.ts';
import { definitionsOf, type GrokOptions } from './grok.ts';
import { compilePattern } from './grok-pattern.ts';
import { PatternError } from './pattern-error.ts';

/** What is wrong, and where in the options of `parse`. */
type Complain = (path: (string | number)[], message: string) => void;

/** Checks the options of the format `grok`, all of them: names, references, syntax, fields, and exponential time. */
export function checkGrok(
  pattern: string | readonly string[] | undefined,
  options: Omit<GrokOptions, 'patterns'>,
  complain: Complain,
): void {
  const patterns = typeof pattern === 'string' ? [pattern] : (pattern ?? []);
  if (patterns.length === 0) {
    complain([], 'the format grok needs a "pattern", such as \'%{COMBINEDAPACHELOG}\'');
    return;
  }
  const definitions = definitionsOf(options);
  const own = ownDefinitions(definitions, options.pattern_definitions ?? {});
  for (const [name, definition] of Object.entries(options.pattern_definitions ?? {})) {
    const path = ['pattern_definitions', name];
    if (!/^[\w-]+$/.test(name)) complain(path, 'the name of a pattern is made of letters, digits, _ and -');
    else checkPattern(definition, definitions, own, (message) => complain(path, message));
  }
  patterns.forEach((each, index) => {
    const path = typeof pattern === 'string' ? ['pattern'] : ['pattern', index];
    const count = checkPattern(each, definitions, own, (message) => complain(path, message));
    if (count === 0) {
      complain(path, 'the pattern captures nothing, so nothing would be parsed; write %{NAME:field} or (?<field>...)');
    }
  });
}

/**
 * The user's own patterns as they are, and a word in place of each of the library's: what is left is what the user
 * wrote. The library's own are tested.
 */
function ownDefinitions(definitions: Definitions, own: Readonly<Record<string, string>>): Definitions {
  return new Map([...definitions.keys()].map((name) => [name, Object.hasOwn(own, name) ? (own[name] as string) : name]));
}

/** The number of captures; `undefined` where the pattern has a fault. */
function checkPattern(
  pattern: string,
  definitions: Definitions,
  own: Definitions,
  complain: (message: string) => void,
): number | undefined {
  try {
    const { captureCount } = compilePattern(pattern, definitions);
    const { source } = expand(pattern, own);
    const explosion = analyse(source).unbounded ? explosionOf(source) : undefined;
    if (explosion === undefined) return captureCount;
    complain(`the pattern ${explosion}`);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    complain(`the pattern ${error.message}`);
  }
  return undefined;
}

/** Only exponential time is refused: where it grows with a power of the length, long texts are matched under a time limit. */
function explosionOf(source: string): string | undefined {
  const checked = checkRegExp(source, 'ms');
  return !checked.ok && checked.exponential === true ? checked.reason : undefined;
}
