import { createRequire } from 'node:module';
import { reasonOf } from '../errors/index.ts';

/**
 * What a text may cost at most where the time of a match grows with its square: 8,192 characters are about 30 million
 * steps, a tenth of a second.
 */
const MAX_QUADRATIC_LENGTH = 8192;

/** How long the check itself may take, in ms; a pattern that cannot be judged in that time is refused. */
const CHECK_TIMEOUT_MS = 5000;

/** What {@link checkRegExp} says of a pattern. */
export type RegExpVerdict =
  /** `maxLength`: the longest text, in UTF-16 code units, that the pattern should be given; Infinity where time is linear. */
  { readonly safe: true; readonly maxLength: number } | { readonly safe: false; readonly reason: string };

const verdicts = new Map<string, RegExpVerdict>();
/** Verdicts kept; a pipeline file holds a handful of patterns. */
const MAX_VERDICTS = 1000;

/**
 * Judges whether `source` is a regular expression, and whether its time can explode on some text (catastrophic
 * backtracking). Exponential patterns and those of third and higher degree are refused; quadratic ones, such as
 * `^(\w+) +(.*)$`, are so common that they pass, with a bound on the text. Takes some 10 ms, and 0.5 s the first time:
 * for loading files, not for records.
 */
export function checkRegExp(source: string, flags = ''): RegExpVerdict {
  const key = `${flags}/${source}`;
  const known = verdicts.get(key);
  if (known !== undefined) return known;
  const verdict = judge(source, flags);
  if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
  verdicts.set(key, verdict);
  return verdict;
}

function judge(source: string, flags: string): RegExpVerdict {
  try {
    new RegExp(source, flags);
  } catch (error) {
    return { safe: false, reason: reasonOf(error) };
  }
  // Loaded only where a pattern is to be judged: it takes 0.2 s and a worker.
  const { checkSync } = createRequire(import.meta.url)('recheck') as typeof import('recheck');
  const diagnostics = checkSync(source, flags, { timeout: CHECK_TIMEOUT_MS });
  if (diagnostics.status === 'safe') return { safe: true, maxLength: Number.POSITIVE_INFINITY };
  if (diagnostics.status === 'unknown') {
    return { safe: false, reason: `whether it backtracks without bound could not be judged (${diagnostics.error.kind}); write a simpler one` };
  }
  const { complexity } = diagnostics;
  if (complexity.type === 'polynomial' && complexity.degree <= 2) return { safe: true, maxLength: MAX_QUADRATIC_LENGTH };
  return {
    safe: false,
    reason: `its time can explode (${complexity.summary} in the length of the text); make repetitions that follow each other unable to match the same characters`,
  };
}
