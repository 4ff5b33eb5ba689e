import { MillraceError } from '../../errors/index.ts';
import type { RecordBatch } from '../../record/batch.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import type { JsonObject } from '../../record/json.ts';
import { StreamRecord } from '../../record/record.ts';
import { type Derived, NO_WATERMARK, type OperatorOutcome } from '../../sdk/operator.ts';
import {
  type Emitter,
  OperatorFailure,
  Program,
  ProgramFailure,
  type ProgramOptions,
  type Rejection,
} from '../../stream/program.ts';
import type { OnError, StepNode, StreamTime } from '../../topology/types.ts';
import type { Arrangement, OperatorElement } from '../../topology/waiting-steps.ts';
import type { BatchEmitter } from '../batch-emitter.ts';
import type { Arrival } from './arrival.ts';
import { type Made, withResume } from './derived-letter.ts';
import type { StageEnd } from './ends.ts';
import { EventTimes } from './event-times.ts';
import { alternate, type GroupingByValues, heldTo, type Level, madeAt } from './levels.ts';
import type { StateUnit } from './state-unit.ts';

export interface FlowParts {
  readonly elements: Arrangement['middle'];
  readonly program: Omit<ProgramOptions, 'steps' | 'passesValue'>;
  readonly time: StreamTime;
  readonly end: StageEnd;
  readonly emitter: BatchEmitter;
  readonly encodes: boolean;
  /** Whether steps behind the flow change values. */
  readonly changesBehind: boolean;
  /** The topic that derived records are said to come from, in messages. */
  readonly topic: string;
}

/**
 * The way of records through a stage: stateless steps, a step with state, stateless steps, ... One record at a time, so
 * that event time moves on between any two records and batches leave no trace in results.
 */
export class Flow {
  readonly #parts: FlowParts;
  readonly #times: EventTimes;
  readonly #operators: readonly OperatorElement[];
  readonly #levels: readonly Level[];
  readonly #joined: Program;
  #unit!: StateUnit;
  /** The latest event time of the row at work; NO_WATERMARK: none has been seen in it. */
  #rowTime = NO_WATERMARK;

  constructor(parts: FlowParts) {
    this.#parts = parts;
    this.#times = new EventTimes(parts.time, parts.program.env.clock);
    const { segments, operators } = alternate(parts.elements);
    this.#operators = operators;
    this.#levels = segments.map((steps, number) => this.#level(number, steps));
    this.#joined = new Program({ ...parts.program, steps: [], passesValue: true });
  }

  get operators(): readonly OperatorElement[] {
    return this.#operators;
  }

  /** The operator of this step id. */
  numberOf(step: string): number {
    return this.#operators.findIndex((element) => element.step.id === step);
  }

  /**
   * A record of the input. `value`: its own, where it has been through steps before. Returns its event time, NO_WATERMARK where
   * nothing with a time came of it.
   */
  run(batch: RecordBatch, row: number, arrival: Arrival, value?: JsonObject): number {
    const { unit, entrance, time } = arrival;
    this.#unit = unit;
    this.#rowTime = NO_WATERMARK;
    const level = this.#levels[entrance.level] as Level;
    level.timed = time !== undefined;
    level.time = time ?? 0;
    level.watermark = arrival.watermark;
    level.side = entrance.side;
    level.derivedValue = undefined;
    level.passed = false;
    const program = entrance.pastSteps ? this.#joined : level.program;
    if (value === undefined) program.runRow(batch, row, level.emitter);
    else program.runValue(batch, row, value, level.emitter);
    return this.#rowTime;
  }

  /** The event time that a record shows which a step has left out, before any with state. NO_WATERMARK: none that is usable. */
  timeOfDropped(record: StreamRecord): number {
    return this.#times.shownBy(record);
  }

  /**
   * Event time has moved: tells every operator, each once what the one before it has emitted is through. Where the micro-batch is full
   * before that, the unit stays behind.
   */
  advance(unit: StateUnit): void {
    this.#unit = unit;
    const { operators, told, watermark } = unit;
    for (let i = 0; i < operators.length; i += 1) {
      if ((told[i] as number) >= watermark) continue;
      this.#guarded(i, () => operators[i]?.advance(watermark));
      const stoppedAt = operators[i]?.stoppedAt;
      told[i] = Math.max(told[i] as number, stoppedAt ?? watermark);
      if (stoppedAt !== undefined) return;
    }
  }

  /** For work of an operator outside of records: what it emits belongs to `unit`. */
  within(unit: StateUnit, work: (operator: StateUnit['operators'][number], number: number) => void): void {
    this.#unit = unit;
    unit.operators.forEach((operator, number) => {
      this.#guarded(number, () => work(operator, number));
    });
  }

  /** Something that operator `number` of `unit` has made goes on. */
  emit(number: number, unit: StateUnit, { value, key, keyBytes, time, headers }: Derived): void {
    const level = this.#levels[number + 1] as Level;
    const { derived } = level;
    derived.reset();
    derived.begin(0, unit.partition, time >= 0 ? time : -1);
    derived.key(keyBytes ?? key);
    derived.headers(headers);
    const batch = derived.batch();
    level.timed = true;
    level.time = time;
    // What it is emitted by is told to the next steps only afterwards: a result of a window that closes is not late for them.
    level.watermark = unit.told[number] as number;
    level.side = 'main';
    if (value === null) {
      // Another step with state has made a record of its own of what is void now.
      if (this.#operators[level.number] !== undefined) return;
      this.#parts.end.write({ batch, row: 0, value, untouched: false, time, watermark: NO_WATERMARK, made: undefined });
      return;
    }
    level.passed = false;
    level.text = level.keepsText ? JSON.stringify(value) : undefined;
    level.derivedValue = value;
    level.program.runValue(batch, 0, value, level.emitter);
  }

  #level(number: number, steps: readonly StepNode[]): Level {
    const program = new Program({ ...this.#parts.program, steps, passesValue: true });
    const level: Level = {
      number,
      program,
      emitter: this.#emitter(() => level),
      cursor: new StreamRecord(),
      at: { time: 0, watermark: NO_WATERMARK, side: 'main' },
      derived: new BatchBuilder([this.#parts.topic]),
      held: heldTo(this.#operators[number]),
      timed: false,
      time: 0,
      watermark: NO_WATERMARK,
      side: 'main',
      derivedValue: undefined,
      passed: false,
      keepsText: number > 0 && (this.#parts.changesBehind || steps.some(({ definition }) => definition.changesValue)),
      text: undefined,
    };
    return level;
  }

  #emitter(levelOf: () => Level): Emitter {
    const { emitter } = this.#parts;
    return {
      forwardAll: () => {
        throw new Error('a stage with event time takes records one by one');
      },
      forwardBytes: () => false,
      forward: (batch, row, value) => this.#enter(levelOf(), batch, row, value as JsonObject),
      route: (topic, batch, row, value) => {
        this.#noticeTime(levelOf(), batch, row);
        emitter.route(topic, batch, row, this.#written(levelOf(), value as JsonObject));
      },
      drop: (batch, row) => {
        this.#noticeTime(levelOf(), batch, row);
        emitter.drop();
      },
      reject: (batch, row, rejection) => this.#reject(levelOf(), { batch, row }, rejection),
    };
  }

  /** A record that leaves the stream has shown what time it is all the same. */
  #noticeTime(level: Level, batch: RecordBatch, row: number): void {
    if (level.number > 0 || level.timed) return;
    const { record } = level.program;
    record.moveTo(batch, row, record.value);
    this.#rowTime = Math.max(this.#rowTime, this.timeOfDropped(record));
  }

  /** A record has come through the steps of a level: to its operator, or to the end of the stage. */
  #enter(level: Level, batch: RecordBatch, row: number, value: JsonObject): void {
    const { cursor } = level;
    cursor.moveTo(batch, row, value);
    if (!level.timed) {
      const time = this.#times.of(cursor);
      if (typeof time !== 'number') {
        this.#reject(level, { batch, row }, rejection(time, this.#parts.program.onError));
        return;
      }
      level.time = time;
    }
    if (level.derivedValue === undefined && level.time > this.#rowTime) this.#rowTime = level.time;
    const element = this.#operators[level.number];
    if (element === undefined) this.#finish(level, batch, row);
    else if (level.held !== undefined && level.side === 'main') this.#processHeld(level, level.held, element.step);
    else this.#process(level, element.step);
  }

  /** Holds a record to what the pipeline says of its topic's keys. */
  #processHeld(level: Level, held: GroupingByValues, step: StepNode): void {
    const { cursor } = level;
    if (held.keyOf(cursor) === cursor.key) {
      this.#process(level, step);
      return;
    }
    const error = new MillraceError('RECORD_KEY_MISMATCH', { by: held.texts.join(', ') });
    this.#reject(level, cursor.place, { ...rejection(error, step.onError ?? this.#parts.program.onError), step: step.id });
  }

  #process(level: Level, step: StepNode): void {
    const { cursor, at } = level;
    at.time = level.time;
    // What an operator has been told of has gone: behind a partition that was silent, and for what is replayed, it judges.
    at.watermark = Math.max(level.watermark, this.#unit.told[level.number] as number);
    at.side = level.side;
    let outcome: OperatorOutcome | undefined;
    try {
      outcome = this.#unit.operators[level.number]?.process(cursor, at);
    } catch (error) {
      // What it emits may fail further on, where that is to stop the task.
      throw error instanceof OperatorFailure || error instanceof ProgramFailure ? error : new OperatorFailure(step.id, error);
    }
    if (outcome?.kind !== 'absorbed') this.#settle(level, step, outcome);
  }

  #settle(level: Level, step: StepNode, outcome: OperatorOutcome | undefined): void {
    const { cursor, time, watermark } = level;
    const { batch, row } = cursor.place;
    if (outcome === undefined) {
      const next = this.#levels[level.number + 1] as Level;
      next.timed = true;
      next.time = time;
      next.watermark = watermark;
      next.side = 'main';
      next.derivedValue = level.derivedValue;
      next.passed = level.derivedValue === undefined;
      next.text = next.keepsText ? JSON.stringify(cursor.value) : undefined;
      next.program.runValue(batch, row, cursor.value, next.emitter);
    } else if (outcome.kind === 'dropped') {
      this.#parts.emitter.drop();
    } else if (outcome.kind === 'routed') {
      this.#parts.emitter.route(outcome.topic, batch, row, this.#written(level, cursor.value));
    } else if (outcome.kind === 'rejected') {
      const { code, message } = outcome;
      this.#reject(level, cursor.place, { code, message, step: step.id, policy: step.onError ?? this.#parts.program.onError });
    }
  }

  #finish(level: Level, batch: RecordBatch, row: number): void {
    const { time, watermark, cursor } = level;
    const untouched = level.derivedValue === undefined && !this.#parts.encodes;
    // Only what waits behind the flow asks for it.
    const made = this.#parts.end.keepsMade ? this.#made(level, cursor.value) : undefined;
    this.#parts.end.write({ batch, row, value: cursor.value, untouched, time, watermark, made });
  }

  /** The value, where it has to be written anew. */
  #written(level: Level, value: JsonObject): JsonObject | undefined {
    return level.derivedValue !== undefined || this.#parts.encodes ? value : undefined;
  }

  #reject(level: Level, { batch, row }: { batch: RecordBatch; row: number }, reason: Rejection): void {
    const made = this.#made(level, level.program.record.value);
    if (made === undefined) this.#parts.emitter.reject(batch, row, reason);
    else this.#parts.emitter.reject(withResume(batch, row, made), 0, reason);
  }

  #made(level: Level, value: JsonObject): Made | undefined {
    return madeAt(level, { step: this.#operators[level.number - 1]?.step.id, value, lastOffset: this.#unit.lastOffset });
  }

  #guarded(number: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof OperatorFailure || error instanceof ProgramFailure) throw error;
      throw new OperatorFailure(this.#operators[number]?.step.id ?? '?', error);
    }
  }
}

function rejection(error: MillraceError, policy: OnError): Rejection {
  return { code: error.code, message: error.message, policy };
}
