import type { SourceFault } from '../../support/planted.ts';

const in_ =
  (name: string) =>
  (find: string, put: string): SourceFault => ({ file: `src/stream/${name}.ts`, find, put });
const inMatcher = in_('pattern/matcher');
const inSkip = in_('pattern/skip');
const inBuilder = in_('pattern/automaton-builder');
const inPlaces = in_('pattern/places');
const inLook = in_('pattern/look');
const inStored = in_('pattern/stored-runs');
const inOperator = in_('rule/rule-operator');
const inStates = in_('rule/rule-states');
const inQueue = in_('state/time-queue');

/** Mistakes that the step `pattern` could have. Each must show in Flink's cases or in random patterns. */
export const stepFaults: Readonly<Record<string, SourceFault>> = {
  'a span of exactly within that is a match': inMatcher('first.time + (this.#', 'first.time + 1 + (this.#'),
  'a within of an element that counts from the first record': inMatcher(
    'const step = taken.event.time +',
    'const step = first.time +',
  ),
  'a record that must not come and ends nothing': inMatcher('if (stopped) runs.length = retained;', ''),
  'what is optional at the end waited for': inMatcher(
    "if (target.kind === 'final') ends = true;",
    "if (target.kind === 'final') ends = false;",
  ),
  'a match that does not wait for those that began earlier': inMatcher(
    'earliest.first.number < match.first.number',
    'earliest.first.number < 0',
  ),
  'a pattern that ends with what did not come, given up': inMatcher("?.kind === 'pending'", "?.kind === 'final'"),
  'a condition that sees what another partial match has taken': inMatcher('this.#look.taking = run?.taken;', ''),
  'a condition answered for the record before': inLook('    this.#known.fill(UNKNOWN);\n', ''),
  'the last event itself not skipped past': inSkip('match.taken.event).number + 1', 'match.taken.event).number'),
  'to_last taken for to_first': inSkip("if (skip.kind === 'to_last') break;", ''),
  'next taken for followed_by_any': inBuilder("if (link === 'next') return null;", ''),
  'followed_by taken for followed_by_any': inBuilder("link === 'followed_by' ? not(", "link === 'next' ? not("),
  'a loop that needs one more': inBuilder('for (let i = 1; i < from; i += 1)', 'for (let i = 1; i <= from; i += 1)'),
  'a range that ends one too soon': inBuilder('for (let i = from; i < to; i += 1)', 'for (let i = from; i < to - 1; i += 1)'),
  'greedy without effect': inBuilder('if (repetition.greedy) sink.putBehind', 'if (repetition.to < 0) sink.putBehind'),
  'the contiguity of the loop taken for that before it': inBuilder(
    'take, ignore: this.#ignore(place), optional, within }, true)',
    'take, ignore: inner, optional, within }, true)',
  ),
  'a negation that only binds the very next element where that is not optional': inPlaces(
    "if (!optional && link !== 'not_followed_by') break;",
    'if (!optional) break;',
  ),
  'a negation that still binds when the optional element has taken a record': inBuilder(
    'if (nots.length === 0 || !elementAt(place).optional) return sink;',
    'if (nots.length >= 0) return sink;',
  ),
  'not_next that any record meets': inBuilder(
    "'ignore' : 'proceed', sink, not(guard))",
    "'ignore' : 'proceed', sink, undefined)",
  ),
  'a loop whose end is not seen': inBuilder(
    'const take = andNot(until, this.#take(place));\n    const inner',
    'const take = this.#take(place);\n    const inner',
  ),
  'a stored match that has lost its beginning': inStored(
    'before === NOTHING ? undefined : taken[before]',
    'before < 1 ? undefined : undefined',
  ),
  'stored matches without those that wait': inStored('runs.map(store), complete.map(store)]', 'runs.map(store), []]'),
  'records that wait and are not restored': inOperator('for (const event of this.#restoring.values()) this.#insert(event);', ''),
  'states that are not taken back': inOperator(
    "if (change.kind === 'state') this.#states.takeBack(change);",
    "if (change.kind === 'state') return;",
  ),
  'records that waited and are not taken back': inOperator('else this.#insert(change.event);', ''),
  'a state that is not written': inStates('    this.#touched.add(group);\n', ''),
  'records taken in the order of arrival': inQueue('return a.time < b.time ||', 'return a.seq < b.seq ||'),
};
