import { describe, expect, it } from 'vitest';
import { RecordingLog, stepNode } from '../../test/support/tasks.ts';
import type { RecordBatch } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { ByteWay } from '../record/byte-way.ts';
import { encodeHeaders } from '../record/headers.ts';
import type { JsonObject } from '../record/json.ts';
import { CompiledOption } from '../sdk/option.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { type Emitter, Program, ProgramFailure, type ProgramOptions, type Rejection } from './program.ts';

function batchOf(values: readonly (string | null)[]): RecordBatch {
  const builder = new BatchBuilder(['in']);
  for (const value of values) {
    builder.begin(0, 0, 0);
    builder.value(value);
  }
  return builder.batch();
}

class Seen implements Emitter {
  readonly out: unknown[] = [];
  failOn: string | undefined;
  forwardAll(batch: RecordBatch): void {
    this.out.push(`all ${batch.length}`);
  }
  forward(_batch: RecordBatch, row: number, value: JsonObject | undefined): void {
    const text = JSON.stringify(value);
    if (this.failOn !== undefined && text.includes(this.failOn)) throw new RangeError('too deep');
    this.out.push(value === undefined ? row : text);
  }
  forwardBytes(batch: RecordBatch, row: number, way: ByteWay): boolean {
    const builder = new BatchBuilder(['out']);
    builder.begin(0, 0, -1);
    if (!builder.valueFrom(batch, row, way)) return false;
    this.out.push(`bytes ${builder.batch().valueText(0)}`);
    return true;
  }
  route(topic: string, _batch: RecordBatch, row: number): void {
    this.out.push(`${topic} ${row}`);
  }
  drop(_batch: RecordBatch, row: number): void {
    this.out.push(`dropped ${row}`);
  }
  reject(_batch: RecordBatch, row: number, { code, step, message, policy }: Rejection): void {
    this.out.push({ row, code, step, message, policy });
  }
}

function run(values: readonly (string | null)[], options: Partial<ProgramOptions>, seen = new Seen()): unknown[] {
  new Program({
    component: 'c',
    env: { clock: new VirtualClock(), log: new RecordingLog() },
    steps: [],
    codecOf: () => 'json',
    onError: 'dead_letter',
    ...options,
  }).run(batchOf(values), seen);
  return seen.out;
}

describe('Program', () => {
  it('passes whole batches through where there is nothing to do, without looking at values', () => {
    expect(run(['no json', null], {})).toEqual(['all 2']);
  });

  it('passes bytes through where no step changes them', () => {
    expect(run(['{"a":1}'], { steps: [stepNode(() => undefined)] })).toEqual([0]);
  });

  it('runs steps in order, and stops at the first that says something', () => {
    const add = (name: string) =>
      stepNode(
        (record) => {
          record.value[name] = true;
          return undefined;
        },
        { changesValue: true },
      );
    const sort = stepNode((record) => {
      if (record.value['n'] === 1) return { kind: 'dropped' };
      return record.value['n'] === 2 ? { kind: 'routed', topic: 'side' } : undefined;
    });
    expect(run(['{"n":0}', '{"n":1}', '{"n":2}'], { steps: [add('a'), sort, add('b')] })).toEqual([
      '{"n":0,"a":true,"b":true}',
      'dropped 1',
      'side 2',
    ]);
  });

  it('applies a step only where its condition is true', () => {
    const when = new CompiledOption('expression', 'n > 0');
    when.bind((record) => Number(record.value['n']) > 0);
    expect(run(['{"n":0}', '{"n":1}'], { steps: [stepNode(() => ({ kind: 'dropped' }), { when })] })).toEqual([0, 'dropped 1']);
  });

  it.each([
    ['no json', 'decoding the value as a JSON object: '],
    [null, 'decoding the value as a JSON object: '],
    ['', 'decoding the value as a JSON object: '],
    ['[1]', 'it is a list'],
    ['null', 'it is null'],
    ['7', 'it is a number'],
  ])('rejects %j as no JSON object', (value, message) => {
    const [rejected] = run([value], { steps: [stepNode(() => undefined)] });
    expect(rejected).toMatchObject({ row: 0, code: 'RECORD_NOT_JSON', policy: 'dead_letter', step: undefined });
    expect((rejected as { message: string }).message).toContain(message);
  });

  it('shows the values of a text topic as message', () => {
    const seen = stepNode(() => undefined, { changesValue: true });
    expect(run(['one line'], { steps: [seen], codecOf: () => 'text' })).toEqual(['{"message":"one line"}']);
    expect(run(['one line'], { transcodes: true, codecOf: () => 'text' })).toEqual(['{"message":"one line"}']);
  });

  it('rejects the record on which a step throws, and goes on with the next', () => {
    const odd = stepNode(
      (record) => {
        if (record.value['n'] === 1) throw new TypeError('odd');
        return undefined;
      },
      { id: 'mine', onError: 'drop' },
    );
    expect(run(['{"n":1}', '{"n":2}'], { steps: [odd] })).toEqual([
      { row: 0, code: 'STEP_THREW', step: 'mine', message: 'the step threw: odd', policy: 'drop' },
      1,
    ]);
  });

  it('rejects a value that cannot be written, and goes on with the next', () => {
    const seen = new Seen();
    seen.failOn = 'deep';
    const out = run(['{"a":"deep"}', '{"a":"flat"}'], { steps: [stepNode(() => undefined, { changesValue: true })] }, seen);
    expect(out).toMatchObject([{ row: 0, code: 'RECORD_NOT_ENCODABLE' }, '{"a":"flat"}']);
  });

  it('throws where a record that fails is to stop the task, and tells which', () => {
    const failing = stepNode(() => ({ kind: 'rejected', code: 'STEP_THREW', message: 'odd' }), { onError: 'fail' });
    expect(() => run(['{}'], { steps: [failing] })).toThrow(ProgramFailure);
    expect(() => run(['no json'], { steps: [stepNode(() => undefined)], onError: 'fail' })).toThrow(ProgramFailure);
  });
});

describe('a result that is withdrawn', () => {
  const withdrawal = (): RecordBatch => {
    const builder = new BatchBuilder(['in']);
    builder.begin(0, 0, 0);
    builder.value(null);
    builder.headers(encodeHeaders([{ name: 'millrace.id', value: 'x' }]));
    return builder.batch();
  };
  const pass = (steps: ProgramOptions['steps'], more: Partial<ProgramOptions> = {}): unknown[] => {
    const seen = new Seen();
    const env = { clock: new VirtualClock(), log: new RecordingLog() };
    new Program({ component: 'c', env, steps, codecOf: () => 'json', onError: 'dead_letter', ...more }).run(withdrawal(), seen);
    return seen.out;
  };
  const fails = stepNode(() => {
    throw new Error('it has no value');
  });
  const route = stepNode(() => undefined, { topics: ['many', 'few'] });

  it('passes steps, which have no value to look at', () => {
    expect(pass([fails])).toEqual([0]);
  });

  it('gets wherever the result may have got', () => {
    expect(pass([route, fails])).toEqual(['many 0', 'few 0', 0]);
    expect(pass([fails, route])).toEqual(['many 0', 'few 0']);
  });

  it('ends before a step with state', () => {
    expect(pass([fails], { passesValue: true })).toEqual(['dropped 0']);
  });
});

it('gives each part of a result that is split an id of its own', () => {
  const builder = new BatchBuilder(['in']);
  builder.begin(0, 3, 7);
  builder.offset(42);
  builder.key('k');
  builder.value('{}');
  const headers = [
    { name: 'trace', value: 't' },
    { name: 'millrace.id', value: 'x' },
  ];
  builder.headers(encodeHeaders(headers));
  const ids: unknown[] = [];
  const seen = new Seen();
  seen.forward = (batch, row) => {
    const shown = batch.headers(row).map(({ name, value }) => `${name}=${String(value)}`);
    ids.push([batch.partition(row), batch.offset(row), String(batch.key(row)), ...shown]);
  };
  const split = stepNode(() => ({ kind: 'split', values: [{ n: 1 }, { n: 2 }] }), { splits: true, changesValue: true });
  const env = { clock: new VirtualClock(), log: new RecordingLog() };
  new Program({ component: 'c', env, steps: [split], codecOf: () => 'json', onError: 'dead_letter' }).run(builder.batch(), seen);
  expect(ids).toEqual([
    [3, 42, 'k', 'trace=t', 'millrace.id=x.0'],
    [3, 42, 'k', 'trace=t', 'millrace.id=x.1'],
  ]);
});
