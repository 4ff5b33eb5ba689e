import type { SourceFault } from '../../support/planted.ts';
import type { stories } from './story.ts';

/** A mistake that the operators could have, and the stories of which some must show it. */
export interface Fault {
  readonly shownBy: keyof typeof stories;
  readonly patches: readonly SourceFault[];
}

const ALIGNED = 'src/stream/window/aligned-operator.ts';
const BUCKETS = 'src/stream/window/buckets.ts';
const FIXED = 'src/stream/window/aligned-windows.ts';
const SESSION = 'src/stream/window/session-operator.ts';
const SESSIONS = 'src/stream/window/sessions.ts';
const SLIDING = 'src/stream/window/sliding-state.ts';
const MOMENTS = 'src/stream/window/moments.ts';
const ASSIGNMENT = 'src/stream/window/assignment.ts';
const PARTIAL = 'src/stream/window/partial-results.ts';
const CALENDAR = 'src/record/calendar-division.ts';
const SUM = 'src/stream/aggregate/sum.ts';
const BY_TIME = 'src/stream/aggregate/by-time.ts';
const ENTRY = 'src/stream/window/entry.ts';
const RUN = 'test/property/window-oracle/operator-run.ts';
const UNIT = 'src/runtime/stateful/state-unit.ts';
const PARTITION = 'src/stream/time/partition-clock.ts';
const MERGED = 'src/stream/time/merged-clock.ts';
const UPSTREAM = 'test/property/window-oracle/upstream.ts';

const aligned = 'tumbling and hopping windows';
const sessionsAlone = 'sessions';
const slidingAlone = 'sliding windows';
const preaggregated = 'windows that are aggregated before the repartition';
const shuffledAligned = 'tumbling and hopping windows behind a repartition';

const one = (shownBy: keyof typeof stories, file: string, find: string, put: string): Fault => ({
  shownBy,
  patches: [{ file, find, put }],
});

/** By what they are. */
export const faults: Readonly<Record<string, Fault>> = {
  'windows that close at the end of the micro-batch in place of at their record': {
    shownBy: aligned,
    patches: [
      { file: ALIGNED, find: 'if (!bucket.closed && bucket.time <= this.#buckets.watermark) this.#close(bucket);', put: '' },
      {
        file: ALIGNED,
        find: 'this.stoppedAt = this.#advance(watermark);',
        put: 'this.#buckets.watermark = Math.max(this.#buckets.watermark, watermark);',
      },
      {
        file: ALIGNED,
        find: '  flush(changes: Changelog): void {',
        put: '  flush(changes: Changelog): void {\n    this.#advance(this.#buckets.watermark);',
      },
    ],
  },
  'lateness judged by the merged minimum': one(
    shuffledAligned,
    ALIGNED,
    'Math.max(at.watermark, this.#buckets.watermark)',
    'this.#buckets.watermark',
  ),
  'what is kept counted by the merged minimum': one(
    shuffledAligned,
    ALIGNED,
    'judge(at, horizon)',
    'judge({ ...at, watermark: this.#buckets.watermark }, horizon)',
  ),
  'a window that closes one ms late': one(
    aligned,
    ALIGNED,
    'buckets.nextDue <= buckets.watermark',
    'buckets.nextDue < buckets.watermark',
  ),
  'a window that closes one ms early': one(
    aligned,
    ALIGNED,
    'buckets.nextDue <= buckets.watermark',
    'buckets.nextDue <= buckets.watermark + 1',
  ),
  'a record refused one ms early': one(aligned, ASSIGNMENT, 'if (end - 1 <= horizon)', 'if (end - 2 <= horizon)'),
  'a record refused one ms late': one(shuffledAligned, ASSIGNMENT, 'if (end - 1 <= horizon)', 'if (end <= horizon)'),
  'the remainder that is wrong before 1970': one(
    aligned,
    FIXED,
    'remainder < 0 ? time - remainder - this.#every : time - remainder',
    'time - remainder',
  ),
  'the earliest hopping window missing': one(aligned, FIXED, 'Math.ceil(size / every)', 'Math.floor(size / every)'),
  'keep ignored when windows are dropped': {
    shownBy: aligned,
    patches: [
      {
        file: BUCKETS,
        find: 'this.#due.add(bucket.time + this.#options.keep, bucket);\n  }\n\n  drop',
        put: 'this.#due.add(bucket.time, bucket);\n  }\n\n  drop',
      },
      { file: ALIGNED, find: ' || (due.closed && time < due.time + this.#settings.keep)', put: '' },
    ],
  },
  'nothing undone by a rollback': one(aligned, BUCKETS, 'this.#journal.rollback((change) => this.#revert(change));', ''),
  'only the micro-batch at work undone by a rollback': {
    shownBy: aligned,
    patches: [
      { file: BUCKETS, find: 'this.#journal.seal();', put: 'this.#journal.seal();\n    this.#journal.commit();' },
      { file: BUCKETS, find: 'commit(): void {\n    this.#journal.commit();', put: 'commit(): void {' },
    ],
  },
  'the watermark not taken back by a rollback': one(
    aligned,
    'src/stream/state/journal.ts',
    'this.watermark = (segments[0] as Segment<Change>).watermark;',
    '',
  ),
  'a revision that is not restored': one(
    aligned,
    ENTRY,
    'decode(accumulators), revision, stands',
    'decode(accumulators), revision: revision * 0, stands',
  ),
  'no tombstone in the changelog of what is dropped': one(
    aligned,
    BUCKETS,
    "else if (change.kind === 'dropped') this.#remove(change.bucket, change.bucket.groups, changes);",
    '',
  ),
  'an entry that is changed in place while its undo holds it': one(
    aligned,
    ENTRY,
    'accumulators: aggregation.clone(entry.accumulators) }',
    '}',
  ),
  'a late record counted as such, and taken': one(
    aligned,
    ASSIGNMENT,
    '        refused += 1;\n        continue;',
    '        refused += 1;',
  ),
  'the watermark not stored with the state': one(
    aligned,
    UNIT,
    '...(this.watermark === NO_WATERMARK ? {} : { watermark: this.watermark }),',
    '',
  ),
  'markers not stored with the state': one(shuffledAligned, UNIT, 'clock.stored()])),\n    };', '[]])),\n    };'),
  'event time that a rollback does not take back': one(
    aligned,
    UNIT,
    'operator.rollback();\n    this.#takeTime(this.#committed);',
    'operator.rollback();',
  ),
  'the event time of a later micro-batch taken for that of the committed one': one(
    aligned,
    UNIT,
    '(this.#flushed.shift() as { time: StoredTime }).time',
    '(this.#flushed.splice(0, 1), this.time())',
  ),
  'state that a rollback does not take back': one(aligned, UNIT, 'operator.rollback();', ''),
  'a restore that lacks the newest entry of the changelog': one(
    aligned,
    RUN,
    '? this.#changelog : compacted(this.#changelog))',
    '? this.#changelog.slice(0, -1) : compacted(this.#changelog).slice(0, -1))',
  ),
  'a watermark that moves back': {
    shownBy: shuffledAligned,
    patches: [
      { file: PARTITION, find: 'if (time <= this.#latest) return false;', put: '' },
      {
        file: PARTITION,
        find: 'if (watermark <= this.#watermark) return false;\n    this.#watermark = watermark;\n    return true;\n  }\n\n  /** A record without',
        put: 'this.#watermark = watermark;\n    return true;\n  }\n\n  /** A record without',
      },
    ],
  },
  'a watermark one ms ahead': one(
    aligned,
    PARTITION,
    'const watermark = time - this.#rules.waitMs - 1;',
    'const watermark = time - this.#rules.waitMs;',
  ),
  'an upstream partition that was not heard of left out of the minimum': one(
    shuffledAligned,
    MERGED,
    'if (!this.#complete()) return NO_WATERMARK;',
    '',
  ),
  'the maximum of the upstream partitions in place of the minimum': one(
    shuffledAligned,
    MERGED,
    'let least = Number.POSITIVE_INFINITY;\n    for (const { watermark, silent } of this.#markers.values()) {\n      if (silent !== true) least = Math.min(',
    'let least = Number.NEGATIVE_INFINITY;\n    for (const { watermark, silent } of this.#markers.values()) {\n      if (silent !== true) least = Math.max(',
  ),
  'a silent upstream partition that holds the others back': one(shuffledAligned, MERGED, 'if (silent !== true) least', 'least'),
  'a marker sent before its records': one(
    shuffledAligned,
    UPSTREAM,
    'sent.push(...outputs);\n      if (this.#clock.watermark > watermark) sent.push(this.#marker(false));',
    'if (this.#clock.watermark > watermark) sent.push(this.#marker(false));\n      sent.push(...outputs);',
  ),
  'sessions exactly the gap apart that stay two': one(
    sessionsAlone,
    SESSION,
    '|| time > end) continue;',
    '|| time >= end) continue;',
  ),
  'a session that does not take what comes the gap before it': one(
    sessionsAlone,
    SESSION,
    'time < session.start - this.#gap',
    'time <= session.start - this.#gap',
  ),
  'the stored form of a session that is merged away left behind': one(
    sessionsAlone,
    SESSIONS,
    'changes.remove(this.#keyOf(group, start));',
    'void start;',
  ),
  'no tombstone for a session that is merged away': one(sessionsAlone, SESSION, 'this.#withdraw(other);', ''),
  'a session that stays closed while it grows past the watermark': one(sessionsAlone, SESSION, 'session.closed = false;', ''),
  'a merge of sessions that keeps one side only': one(
    sessionsAlone,
    SESSION,
    'this.#settings.aggregation.merge(session.entry.accumulators, other.entry.accumulators);',
    '',
  ),
  'a late record that no session takes which is still kept': one(
    sessionsAlone,
    SESSION,
    'time > watermark || end - 1 + this.#settings.keep > watermark',
    'time > watermark',
  ),
  'a session that is restored with its first record as its last': one(
    sessionsAlone,
    SESSIONS,
    'last: stored.at(-1) as number',
    'last: start',
  ),
  'sessions that are not as they were after a rollback': one(
    sessionsAlone,
    SESSIONS,
    'for (const session of before) this.#insert(session, -1);',
    '',
  ),
  'a calendar without the change of clocks': {
    shownBy: 'calendar windows',
    patches: [
      { file: CALENDAR, find: 'const offset = zoneOffset(zone);', put: 'const fixed = zoneOffset(zone)?.(0);' },
      {
        file: CALENDAR,
        find: 'const toUtc = parseZone(zone);\n  if (offset === undefined || toUtc === undefined) return undefined;',
        put: 'if (fixed === undefined) return undefined;\n  const offset: ZoneOffset = () => fixed;\n  const toUtc: Zone = (local) => local - fixed;',
      },
    ],
  },
  'sliding windows whose last moment is not in them': one(
    slidingAlone,
    MOMENTS,
    'if (time > end) break;',
    'if (time >= end) break;',
  ),
  'sliding windows only where records end them': one(
    slidingAlone,
    MOMENTS,
    'moments[first - 1]?.time === end - size - 1',
    'moments.length < 0',
  ),
  'a record that was late for a sliding window, in it where it is still open': one(
    'sliding windows behind a repartition',
    MOMENTS,
    'if (from > end) continue;',
    '',
  ),
  'keep ignored where sliding windows forget': one(
    slidingAlone,
    SLIDING,
    'countBefore(group.moments, time - keep - size)',
    'countBefore(group.moments, time - size)',
  ),
  'records of one time in another order than they came in': one(
    slidingAlone,
    MOMENTS,
    'other.time > time || other.from > from',
    'other.time >= time',
  ),
  'a merge of sums that keeps one side only': one(preaggregated, SUM, 'addTo(into, from.sum);', ''),
  'the last of the earliest records in place of the first': one(
    aligned,
    BY_TIME,
    "byTime('first', (a, b) => a < b)",
    "byTime('first', (a, b) => a <= b)",
  ),
  'the first of the latest records in place of the last': one(
    aligned,
    BY_TIME,
    "byTime('last', (a, b) => a >= b)",
    "byTime('last', (a, b) => a > b)",
  ),
  'a first half that emits what was rolled back': one(
    preaggregated,
    PARTIAL,
    'rollback(): void {\n    this.#forget();',
    'rollback(): void {',
  ),
  'a first half that knows nothing of keep': one(preaggregated, PARTIAL, 'at.watermark - this.#settings.keep', 'at.watermark'),
};
