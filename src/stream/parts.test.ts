import { describe, expect, it } from 'vitest';
import { RecordingLog, stepNode } from '../../test/support/tasks.ts';
import type { RecordBatch } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { encodeHeaders } from '../record/headers.ts';
import type { JsonObject } from '../record/json.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { StepNode } from '../topology/types.ts';
import { PART_HEADER } from './parts.ts';
import { type Emitter, Program, ProgramFailure, type Rejection } from './program.ts';

function batchOf(values: readonly unknown[], topic = 'in', part?: string): RecordBatch {
  const builder = new BatchBuilder([topic]);
  for (const value of values) {
    builder.begin(0, 0, 0);
    builder.value(JSON.stringify(value));
    if (part !== undefined) builder.headers(encodeHeaders([{ name: PART_HEADER, value: part }]));
  }
  return builder.batch();
}

/** What came of each part: its value, or the reason and the part. */
class Seen implements Emitter {
  readonly out: unknown[] = [];
  forwardAll(): void {}
  forward(_batch: RecordBatch, _row: number, value: JsonObject | undefined): void {
    if (value?.['unwritable'] === true) throw new RangeError('too deep');
    this.out.push(value);
  }
  forwardBytes(): boolean {
    return false;
  }
  route(topic: string, _batch: RecordBatch, _row: number, value: JsonObject | undefined): void {
    this.out.push([topic, value]);
  }
  drop(_batch: RecordBatch, row: number): void {
    this.out.push(`dropped ${row}`);
  }
  reject(_batch: RecordBatch, row: number, { code, step, part }: Rejection): void {
    this.out.push(`${row} ${code} ${step} ${part}`);
  }
}

/** Splits by a field that holds a list of objects. */
const splitBy = (field: string, more: Partial<StepNode> & { splits?: boolean } = {}): StepNode =>
  stepNode(({ value }) => (Array.isArray(value[field]) ? { kind: 'split', values: value[field] as JsonObject[] } : undefined), {
    id: `by-${field}`,
    changesValue: true,
    splits: true,
    ...more,
  });

/** Says of a record what its value asks for. */
const judge = (more: Partial<StepNode> = {}): StepNode =>
  stepNode(
    ({ value }) => {
      value['seen'] = true;
      if (value['do'] === 'throw') throw new TypeError('odd');
      if (value['do'] === 'drop') return { kind: 'dropped' };
      if (value['do'] === 'route') return { kind: 'routed', topic: 'side' };
      return value['do'] === 'reject' ? { kind: 'rejected', code: 'PARSE_FAILED', message: 'm' } : undefined;
    },
    { id: 'judge', changesValue: true, ...more },
  );

function run(batch: RecordBatch, steps: readonly StepNode[]): unknown[] {
  const seen = new Seen();
  const env = { clock: new VirtualClock(), log: new RecordingLog() };
  const program = new Program({ component: 'c', env, steps, codecOf: () => 'json', retryTopic: 'retry', onError: 'dead_letter' });
  program.run(batch, seen);
  return seen.out;
}

describe('a record that is split', () => {
  it('runs the rest of the steps over each part, in order, and each settles by itself', () => {
    const parts = [{ n: 0 }, { do: 'reject' }, { do: 'throw' }, { do: 'drop' }, { unwritable: true }, { do: 'route' }, { n: 6 }];
    expect(run(batchOf([{ list: parts }, { n: 7 }]), [splitBy('list'), judge()])).toEqual([
      { n: 0, seen: true },
      '0 PARSE_FAILED judge 1',
      '0 STEP_THREW judge 2',
      'dropped 0',
      '0 RECORD_NOT_ENCODABLE undefined 4',
      ['side', { do: 'route', seen: true }],
      { n: 6, seen: true },
      { n: 7, seen: true },
    ]);
  });

  it('names the parts of parts', () => {
    const batch = batchOf([
      { a: [{ b: [{ n: 0 }, { do: 'reject' }] }, { do: 'reject' }, { b: [{ do: 'reject' }] }] },
      { do: 'reject' },
    ]);
    expect(run(batch, [splitBy('a'), splitBy('b'), judge()])).toEqual([
      { n: 0, seen: true },
      '0 PARSE_FAILED judge 0.1',
      '0 PARSE_FAILED judge 1',
      '0 PARSE_FAILED judge 2.0',
      '1 PARSE_FAILED judge undefined',
    ]);
  });

  it('counts as filtered out where it has no part', () => {
    expect(run(batchOf([{ list: [] }]), [splitBy('list')])).toEqual(['dropped 0']);
  });

  it('stops the task at a part whose policy is to fail, and is whole again for the next try', () => {
    const seen = new Seen();
    const env = { clock: new VirtualClock(), log: new RecordingLog() };
    const steps = [splitBy('list'), judge({ onError: 'fail' })];
    const program = new Program({ component: 'c', env, steps, codecOf: () => 'json', onError: 'dead_letter' });
    expect(() => program.run(batchOf([{ list: [{ n: 0 }, { do: 'reject' }, { n: 2 }] }]), seen)).toThrow(ProgramFailure);
    expect(seen.out).toEqual([{ n: 0, seen: true }]);
    expect(() => program.run(batchOf([{ do: 'reject' }]), seen)).toThrow(
      expect.objectContaining({
        rejection: expect.not.objectContaining({ part: expect.anything() as string }) as object,
      }) as Error,
    );
  });

  it('is refused where it has too many parts, with those of the parts', () => {
    const many = Array.from({ length: 10_001 }, (_, n) => ({ n }));
    expect(run(batchOf([{ a: many }]), [splitBy('a')])).toEqual(['0 SPLIT_TOO_MANY by-a undefined']);
    const nested = Array.from({ length: 4 }, () => ({ b: many.slice(0, 3_000) }));
    const out = run(batchOf([{ a: nested }, { n: 1 }]), [splitBy('a'), splitBy('b')]);
    expect(out).toHaveLength(9_000 + 2);
    expect(out.filter((each) => typeof each === 'string')).toEqual(['0 SPLIT_TOO_MANY by-b 3']);
  });

  it('is refused where the step does not say that it splits', () => {
    expect(run(batchOf([{ list: [{ n: 0 }] }]), [splitBy('list', { splits: false })])).toEqual([
      '0 STEP_THREW by-list undefined',
    ]);
  });
});

describe('a replayed part', () => {
  const steps = [splitBy('a'), splitBy('b'), judge()];
  const value = { a: [{ b: [{ n: 0 }, { n: 1 }] }, { n: 2 }, { b: [{ do: 'reject' }] }] };

  it('runs alone: its siblings have gone on before', () => {
    expect(run(batchOf([value], 'retry', '0.1'), steps)).toEqual([{ n: 1, seen: true }]);
    expect(run(batchOf([value], 'retry', '1'), steps)).toEqual([{ n: 2, seen: true }]);
  });

  it('stays that part where it fails again, wherever it does', () => {
    expect(run(batchOf([value], 'retry', '2.0'), steps)).toEqual(['0 PARSE_FAILED judge 2.0']);
    expect(run(batchOf([{ do: 'reject' }], 'retry', '2.0'), steps)).toEqual(['0 PARSE_FAILED judge 2.0']);
    expect(run(batchOf(['no object'], 'retry', '2.0'), steps)).toEqual(['0 RECORD_NOT_JSON undefined 2.0']);
    const failsBetween = [splitBy('a'), judge(), splitBy('b')];
    expect(run(batchOf([{ a: [{ do: 'reject' }] }], 'retry', '0.7'), failsBetween)).toEqual(['0 PARSE_FAILED judge 0.7']);
  });

  it.each(['3', '0.2', '-1', 'x', '1e9'])('is not lost where there is no such part any more: %s', (part) => {
    expect(run(batchOf([value], 'retry', part), steps)).toEqual([
      `0 SPLIT_PART_MISSING ${part.startsWith('0.') ? 'by-b' : 'by-a'} ${part}`,
    ]);
  });

  it('is known in the topic of replays only: the header of another record is not ours', () => {
    expect(run(batchOf([{ a: [{ n: 0 }, { n: 1 }] }], 'in', '1'), steps)).toEqual([
      { n: 0, seen: true },
      { n: 1, seen: true },
    ]);
  });
});
