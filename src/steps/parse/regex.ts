import type { JsonObject } from '../../record/json.ts';
import { type FieldPath, setField } from '../../record/path.ts';
import { checkRegExp } from '../../sdk/regex.ts';
import { ParseFailure, type TextParser } from './parser.ts';

const NO_MATCH = new ParseFailure('the pattern does not match');

/** The names of a pattern's groups, in their order. */
export function groupNames(pattern: RegExp): string[] {
  // With an empty alternative the pattern matches anything, and a match lists all groups there are.
  return Object.keys(new RegExp(`${pattern.source}|`, pattern.flags).exec('')?.groups ?? {});
}

/**
 * Makes a reader by a regular expression with named groups. Each group that took part in the match becomes a field, a
 * text, at `paths.get(group)` or under its own name. The pattern may match anywhere in the text: `^` and `$` tie it
 * down. It must have passed {@link checkRegExp}.
 */
export function regexParser(pattern: string, paths: ReadonlyMap<string, FieldPath>): TextParser {
  const expression = new RegExp(pattern);
  const groups = groupNames(expression).map((group) => ({ group, path: paths.get(group) ?? [group] }));
  const checked = checkRegExp(pattern);
  const longest = checked.ok ? checked.maxInput : 0;
  const tooLong = new ParseFailure(
    `it is longer than ${longest} characters, too long for this pattern, whose time would grow too far; let neighbouring parts of it match different characters`,
  );
  return (text) => {
    if (text.length > longest) return tooLong;
    const match = expression.exec(text);
    if (match === null) return NO_MATCH;
    const fields: JsonObject = {};
    for (const { group, path } of groups) {
      const value = match.groups?.[group];
      if (value !== undefined) setField(fields, path, value);
    }
    return fields;
  };
}
