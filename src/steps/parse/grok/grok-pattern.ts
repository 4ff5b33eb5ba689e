import type { JsonObject } from '../../../record/json.ts';
import { ParseFailure } from '../parser.ts';
import { analyse, type Backtracking, workOf } from './backtracking.ts';
import { type Definitions, expand } from './expand.ts';
import { toExpression } from './expression.ts';
import { ConversionFailure, planFields } from './fields.ts';
import { execWithin, MATCH_TIMEOUT, TIMED_OUT } from './time-limit.ts';

/** Steps of matching that are made without a watch on the time: half a second at worst, and real texts are far from it. */
const FREE_WORK = 3e7;

/** UTF-16 code units that a text may have. */
const LONGEST_TEXT = 1_048_576;

/** What a pattern says of a text that it does not match. */
export const NO_MATCH = new ParseFailure('the pattern does not match');
const TOO_LONG = new ParseFailure(`it is longer than ${LONGEST_TEXT} characters, the most that grok takes`);
/** What a pattern says of a text on which it has used up its time. */
export const TOO_SLOW = new ParseFailure(
  `matching took longer than ${MATCH_TIMEOUT} ms and was given up; let the pattern say more exactly what its parts may hold ([^;]* or %{NOTSPACE} in place of %{DATA})`,
);

/** A grok pattern that is ready to match. */
export interface GrokPattern {
  /** The fields of a text, or why there are none. */
  match(text: string): JsonObject | ParseFailure;
  /** How many of its groups are named, or references that fill a field. */
  readonly captureCount: number;
}

/** Compiles a pattern to one regular expression. Throws a `PatternError`. */
export function compilePattern(pattern: string, definitions: Definitions): GrokPattern {
  const { source, captures } = expand(pattern, definitions);
  const expression = toExpression(source);
  const build = planFields(captures);
  const backtracking = analyse(source);
  const free = freeLength(backtracking);
  return {
    captureCount: captures.length,
    match: (text) => {
      const quick = text.length <= free || workOf(text, backtracking, FREE_WORK) <= FREE_WORK;
      if (!quick && text.length > LONGEST_TEXT) return TOO_LONG;
      const match = quick ? expression.exec(text) : execWithin(expression, text);
      if (match === null) return NO_MATCH;
      if (match === TIMED_OUT) return TOO_SLOW;
      const fields = build(match);
      if (fields instanceof ConversionFailure) return notConverted(fields);
      return fields ?? {};
    },
  };
}

/** A text of this length makes no more than {@link FREE_WORK}, whatever it holds. */
function freeLength({ gapCount, unbounded }: Backtracking): number {
  return unbounded ? 0 : Math.floor(FREE_WORK ** (1 / (2 + gapCount)));
}

function notConverted({ field, type }: ConversionFailure): ParseFailure {
  return new ParseFailure(`what the pattern captures for ${field} is no ${type}`);
}
