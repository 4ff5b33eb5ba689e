import { createRequire } from 'node:module';

/** UTF-16 code units that a pattern may be matched against where its time grows with the length. */
const LONGEST_INPUT = 1_048_576;

/** The same where its time may grow with the square of the length, or where that could not be settled: under a second. */
const LONGEST_INPUT_QUADRATIC = 10_000;

const LONGEST_SOURCE = 2000;
const FLAGS_ALLOWED = 'imsu';

/**
 * The exact analysis is for patterns whose automaton has at most so many states; larger ones, for which it takes
 * seconds, are searched for attacks. It is a size and not a time, so that a busy machine does not change the answer.
 */
const LARGEST_EXACT = 3000;

/** How much of a search for attacks is done: enough for what a person writes, in some 100 ms. */
const SEARCH = { maxIteration: 3, maxInitialGenerationSize: 100, incubationLimit: 5000 };

/** The time in ms after which a check is given up: none that was seen came near. */
const TIMEOUT = 5000;

/** What the check of a regular expression says. */
export type RegExpCheck =
  /** `maxInput`: the longest text, in UTF-16 code units, that it may be matched against. */
  | { readonly ok: true; readonly maxInput: number }
  /** `exponential`: its time grows faster than any power of its input's length. */
  | { readonly ok: false; readonly reason: string; readonly exponential?: boolean };

const known = new Map<string, RegExpCheck>();
const MOST_KNOWN = 1000;

/**
 * Checks a regular expression for syntax and for catastrophic backtracking (ReDoS): one whose time grows exponentially
 * or with the third power of its input's length is refused. Made to be called when a file is loaded: it takes some
 * 100 ms for a large pattern, and remembers its answers.
 */
export function checkRegExp(source: string, flags = ''): RegExpCheck {
  const key = `${flags}/${source}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const answer = checkSyntax(source, flags) ?? checkBacktracking(source, flags);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, answer);
  return answer;
}

/** The answers so far, by flags and pattern: for whoever keeps them over processes. */
export function knownChecks(): ReadonlyMap<string, RegExpCheck> {
  return known;
}

/** Takes over answers of an earlier process of the same version. */
export function learnChecks(answers: Iterable<readonly [string, RegExpCheck]>): void {
  for (const [key, answer] of answers) if (known.size < MOST_KNOWN) known.set(key, answer);
}

function checkSyntax(source: string, flags: string): RegExpCheck | undefined {
  if (source.length > LONGEST_SOURCE) return { ok: false, reason: `is longer than ${LONGEST_SOURCE} characters; split it up` };
  const refused = [...flags].find((flag) => !FLAGS_ALLOWED.includes(flag));
  if (refused !== undefined) {
    return {
      ok: false,
      reason: `has the flag ${refused}; the flags are i (any case), m (^ and $ at each line), s (. takes line ends) and u (Unicode)`,
    };
  }
  try {
    new RegExp(source, flags);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `is malformed: ${text.replace(/^Invalid regular expression: \/.*\/\w*: /s, '')}` };
  }
}

function checkBacktracking(source: string, flags: string): RegExpCheck {
  const found = recheck()(source, flags, { maxNFASize: LARGEST_EXACT, timeout: TIMEOUT, ...SEARCH });
  if (found.status === 'safe') return { ok: true, maxInput: LONGEST_INPUT };
  if (found.status === 'unknown') return { ok: true, maxInput: LONGEST_INPUT_QUADRATIC };
  const { complexity, hotspot } = found;
  if (complexity.type === 'polynomial' && complexity.degree <= 2) return { ok: true, maxInput: LONGEST_INPUT_QUADRATIC };
  const growth = complexity.type === 'polynomial' ? `with the power ${complexity.degree} of` : 'exponentially with';
  const parts = [...new Set(hotspot.map(({ start, end }) => `\`${source.slice(start, end)}\``))].slice(0, 4).join(', ');
  return {
    ok: false,
    exponential: complexity.type !== 'polynomial',
    reason: `can take time that grows ${growth} the length of its input, because of ${parts}: let neighbouring parts match different characters (\`[^"]*\` in place of \`.*\`)`,
  };
}

type CheckSync = typeof import('recheck').checkSync;
let loaded: CheckSync | undefined;

/** The checker is 3 MB of code that takes about 80 ms to load, so it waits for the first regular expression. */
function recheck(): CheckSync {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    const { checkSync } = require('recheck') as { checkSync: CheckSync };
    loaded = (source, flags, parameters) => inThisThread(() => checkSync(source, flags, parameters));
  }
  return loaded;
}

/** Its synchronous form starts a worker thread unless this variable says otherwise; it is read at each call. */
function inThisThread<T>(check: () => T): T {
  // The checker takes this setting from nowhere else.
  const { env } = process;
  const before = env['RECHECK_SYNC_BACKEND'];
  env['RECHECK_SYNC_BACKEND'] = 'pure';
  try {
    return check();
  } finally {
    if (before === undefined) delete env['RECHECK_SYNC_BACKEND'];
    else env['RECHECK_SYNC_BACKEND'] = before;
  }
}
