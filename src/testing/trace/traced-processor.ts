import { tap } from 'rxjs';
import { MillraceError } from '../../errors/index.ts';
import type { JsonObject } from '../../record/json.ts';
import { describe } from '../../record/json-copy.ts';
import type { Emitted, ProcessorDefinition, ProcessorWork } from '../../sdk/processor.ts';
import { isProcessorRecord, type ProcessorRecord } from '../../sdk/processor-record.ts';
import { isPromise, listOf } from '../../stream/processor/each.ts';
import { failureCode } from '../../stream/processor/failure-code.ts';
import { arrival, copy, fail, type RecordEvent, type StepPlace, type Tracer } from './step-event.ts';

/** The definition of a processor whose work tells what it does. */
export function tracedProcessor(definition: ProcessorDefinition, place: StepPlace, tracer: Tracer): ProcessorDefinition {
  const { processor } = definition;
  return {
    ...definition,
    processor: {
      ...processor,
      setup: (options, context) =>
        tracedWork(
          processor.setup(options, context),
          new ProcessorTrace({ place, tracer, continuous: processor.continuous !== undefined }),
        ),
    },
  };
}

function tracedWork(work: ProcessorWork, trace: ProcessorTrace): ProcessorWork {
  const each = work.each?.bind(work);
  const batch = work.batch?.bind(work);
  return {
    ...(work.process === undefined
      ? {}
      : {
          process: (records) =>
            (work.process as NonNullable<ProcessorWork['process']>)(records.pipe(tap((record) => trace.taken(record)))).pipe(
              tap((record) => trace.made(record)),
            ),
        }),
    ...(each === undefined ? {} : { each: (record) => trace.each(record, () => each(record)) }),
    ...(batch === undefined ? {} : { batch: (records) => trace.batch(records, () => batch(records)) }),
    ...(work.concurrency === undefined ? {} : { concurrency: work.concurrency }),
    ...(work.onTimer === undefined ? {} : { onTimer: (timer) => work.onTimer?.(timer) }),
    ...(work.close === undefined ? {} : { close: () => work.close?.() }),
  };
}

/** Only what one call gives for one record is known to be made of it: else records are taken, and others are made. */
class ProcessorTrace {
  readonly #place: StepPlace;
  readonly #tracer: Tracer;
  readonly #continuous: boolean;

  constructor({ place, tracer, continuous }: { place: StepPlace; tracer: Tracer; continuous: boolean }) {
    this.#place = place;
    this.#tracer = tracer;
    this.#continuous = continuous;
  }

  each(record: ProcessorRecord, call: () => Emitted | PromiseLike<Emitted>): Emitted | PromiseLike<Emitted> {
    const event = this.#arrived(record);
    try {
      const given = call();
      if (!isPromise(given)) return settleEach(event, given);
      return given.then(
        (emitted) => settleEach(event, emitted),
        (error: unknown) => this.#failed(event, error),
      );
    } catch (error) {
      return this.#failed(event, error);
    }
  }

  #failed(event: RecordEvent, error: unknown): never {
    fail(event, error, failureCode(error, { continuous: this.#continuous }));
    event.triedAgain = true;
    throw error;
  }

  batch(records: readonly ProcessorRecord[], call: () => Emitted | PromiseLike<Emitted>): Emitted | PromiseLike<Emitted> {
    for (const record of records) this.taken(record);
    const given = call();
    const told = (emitted: Emitted): Emitted => {
      for (const record of listOf(emitted)) this.made(record);
      return emitted;
    };
    return isPromise(given) ? given.then(told) : told(given);
  }

  taken(record: ProcessorRecord): void {
    this.#arrived(record).outcome = 'absorbed';
  }

  /** What an author's code gives may be anything. */
  made(record: unknown): void {
    if (!isProcessorRecord(record)) return;
    const { value, key, time } = record;
    this.#tracer({ type: 'emitted', place: this.#place, value: plainValue(value), key, time });
  }

  #arrived({ topic, partition, offset, value }: ProcessorRecord): RecordEvent {
    const event = arrival(this.#place, { topic, partition, offset, value: value as JsonObject });
    this.#tracer(event);
    return event;
  }
}

function settleEach(event: RecordEvent, emitted: Emitted): Emitted {
  const records = listOf(emitted);
  const wrong = records.findIndex((record) => !isProcessorRecord(record));
  if (wrong >= 0) {
    fail(
      event,
      new MillraceError('PROCESSOR_OUTPUT', { found: `${describe(records[wrong])} and no record` }),
      'PROCESSOR_OUTPUT',
    );
    event.triedAgain = true;
    return emitted;
  }
  const [first] = records;
  if (first === undefined) event.outcome = 'dropped';
  else if (records.length === 1) {
    event.outcome = 'passed';
    event.after = plainValue(first.value);
  } else {
    event.outcome = 'split';
    event.parts = records.map(({ value }) => plainValue(value));
  }
  return emitted;
}

const plainValue = (value: ProcessorRecord['value']): JsonObject => copy(value as JsonObject);
