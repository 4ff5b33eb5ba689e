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
const ENTRY = 'src/stream/window/entry.ts';
const RUN = 'test/property/window-oracle/operator-run.ts';
const UNIT = 'src/runtime/stateful/state-unit.ts';
const PARTITION = 'src/stream/time/partition-clock.ts';
const MERGED = 'src/stream/time/merged-clock.ts';
const UPSTREAM = 'test/property/window-oracle/upstream.ts';

const aligned = 'tumbling and hopping windows';
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
      {
        file: ALIGNED,
        find: '    for (let due = this.#buckets.takeDue()',
        put: '  }\n\n  #late2(): void {\n    for (let due = this.#buckets.takeDue()',
      },
      {
        file: ALIGNED,
        find: '  flush(changes: Changelog): void {',
        put: '  flush(changes: Changelog): void {\n    this.#late2();',
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
    'end - 1 <= at.watermark',
    'end - 1 <= this.#buckets.watermark',
  ),
  'a window that closes one ms late': one(
    aligned,
    BUCKETS,
    'this.#due.next <= this.#watermark',
    'this.#due.next < this.#watermark',
  ),
  'a window that closes one ms early': one(
    aligned,
    BUCKETS,
    'this.#due.next <= this.#watermark',
    'this.#due.next <= this.#watermark + 1',
  ),
  'a record refused one ms early': one(aligned, ALIGNED, 'if (end - 1 <= horizon)', 'if (end - 2 <= horizon)'),
  'a record refused one ms late': one(shuffledAligned, ALIGNED, 'if (end - 1 <= horizon)', 'if (end <= horizon)'),
  'the remainder that is wrong before 1970': one(
    aligned,
    FIXED,
    'remainder < 0 ? time - remainder - this.#every : time - remainder',
    'time - remainder',
  ),
  'the earliest hopping window missing': one(aligned, FIXED, 'Math.ceil(size / every)', 'Math.floor(size / every)'),
  'keep ignored when windows are dropped': one(
    aligned,
    BUCKETS,
    'this.#due.add(bucket.time + this.#options.keep, bucket);\n  }\n\n  drop',
    'this.#due.add(bucket.time, bucket);\n  }\n\n  drop',
  ),
  'nothing undone by a rollback': one(aligned, BUCKETS, 'this.#journal.rollback((change) => this.#revert(change));', ''),
  'only the micro-batch at work undone by a rollback': {
    shownBy: aligned,
    patches: [
      { file: BUCKETS, find: 'this.#journal.seal();', put: 'this.#journal.seal();\n    this.#journal.commit();' },
      { file: BUCKETS, find: 'commit(): void {\n    this.#journal.commit();', put: 'commit(): void {' },
    ],
  },
  'the watermark not taken back by a rollback': one(aligned, BUCKETS, 'this.#watermark = change.before;', ''),
  'a revision that is not restored': one(
    aligned,
    ENTRY,
    'decode(accumulators), revision, stands',
    'decode(accumulators), revision: revision * 0, stands',
  ),
  'no tombstone in the changelog of what is dropped': one(
    aligned,
    BUCKETS,
    "else if (change.kind === 'dropped') this.#remove(change.bucket, changes);",
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
    ALIGNED,
    '        refused += 1;\n        continue;',
    '        refused += 1;\n        this.#add(start, group, record, at.time);\n        continue;',
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
};
