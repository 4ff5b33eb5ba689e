import type { ErrorCode } from '../errors/index.ts';
import { isMillraceError, reasonOf } from '../errors/index.ts';
import type { RecordBatch } from '../record/batch.ts';
import type { ByteWay } from '../record/byte-way.ts';
import { isJsonObject, type JsonObject } from '../record/json.ts';
import { StreamRecord } from '../record/record.ts';
import { type Metrics, noMetrics } from '../sdk/metrics.ts';
import type { CompiledOption } from '../sdk/option.ts';
import type { RecordStep, Split, StepContext, StepDefinition, StepOutcome } from '../sdk/step.ts';
import { Parts } from './parts.ts';
import { resultPart, splitResultId } from './result-part.ts';
import { isWithdrawal, passWithdrawal } from './withdrawal.ts';

/** A step of a program, with what the program needs to know about it. */
export interface ProgramStep {
  readonly id: string;
  readonly definition: StepDefinition;
  readonly options: unknown;
  readonly when?: CompiledOption;
  readonly onError?: 'dead_letter' | 'drop' | 'fail';
}

export interface ProgramOptions {
  readonly component: string;
  /** What steps get from the task. */
  readonly env: Pick<StepContext, 'clock' | 'log'> & { readonly metrics?: { of(step: string): Metrics } };
  readonly steps: readonly ProgramStep[];
  /** How values of a topic are written: `text` is seen by steps as `message`. */
  readonly codecOf: (topic: string) => 'json' | 'text';
  /** Whether values must be written anew even if no step changes them: the output's codec is another. */
  readonly transcodes?: boolean;
  /** Whether every record goes on with its decoded value, changed or not: a step with state follows, or the end knows itself what to write. */
  readonly passesValue?: boolean;
  /** The topic of replayed dead letters, which may be single parts of a record. */
  readonly retryTopic?: string;
  readonly onError: 'dead_letter' | 'drop' | 'fail';
}

/** Where a program's results go, record by record. Called inside the loop over a batch, so nothing here may be slow. */
export interface Emitter {
  /** Every record of the batch goes on as it is. */
  forwardAll(batch: RecordBatch): void;
  /**
   * The record goes on. `value` is its new value, or undefined where its bytes pass through untouched. Throws where the
   * value can't be encoded or is too large, and then has added nothing.
   */
  forward(batch: RecordBatch, row: number, value: JsonObject | undefined): void;
  /** The record goes on by `way`. False where it has to go the ordinary way: then nothing has been added. */
  forwardBytes(batch: RecordBatch, row: number, way: ByteWay): boolean;
  /** The record leaves for `topic`; otherwise as `forward`. */
  route(topic: string, batch: RecordBatch, row: number, value: JsonObject | undefined): void;
  /** The record was filtered out. */
  drop(batch: RecordBatch, row: number): void;
  /** The record could not be processed. */
  reject(batch: RecordBatch, row: number, rejection: Rejection): void;
}

export interface Rejection {
  readonly code: ErrorCode;
  readonly message: string;
  /** The step's id, or undefined where decoding failed before any step. */
  readonly step?: string;
  readonly policy: 'dead_letter' | 'drop' | 'fail';
  /** Which part of the record it is, where a step has split it. */
  readonly part?: string;
}

/** A row at a step. */
interface Place {
  readonly batch: RecordBatch;
  readonly row: number;
  readonly at: number;
  readonly emitter: Emitter;
}

/**
 * The steps of a task, composed into one function over batches. What a program needs is known before it runs: without a
 * step that reads the value nothing is decoded, without one that changes it nothing is encoded.
 */
export class Program {
  readonly #steps: readonly RecordStep[];
  readonly #ids: readonly string[];
  readonly #policies: readonly ('dead_letter' | 'drop' | 'fail')[];
  readonly #options: ProgramOptions;
  readonly #record = new StreamRecord();
  readonly #byteWay: ByteWay | undefined;
  readonly #parts: Parts;
  readonly #passesValue: boolean;
  /** Whether a record goes on with its decoded value. */
  readonly #passesOn: boolean;
  readonly decodes: boolean;
  readonly encodes: boolean;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#steps = options.steps.map((step) => composeStep(step, options));
    this.#ids = options.steps.map((step) => step.id);
    this.#policies = options.steps.map((step) => step.onError ?? options.onError);
    this.#parts = new Parts(options.retryTopic);
    this.encodes = options.transcodes === true || options.steps.some((step) => step.definition.changesValue);
    this.#byteWay = byteWayOf(options);
    this.#passesValue = options.passesValue === true;
    this.#passesOn = this.encodes || this.#passesValue;
    this.decodes = this.#passesOn || options.steps.some((step) => step.definition.readsValue || step.when !== undefined);
  }

  /** Whether records pass through as they are. */
  get empty(): boolean {
    return this.#steps.length === 0 && !this.encodes && !this.#passesValue;
  }

  /** The record that the steps are at: for whoever is told what became of it. */
  get record(): StreamRecord {
    return this.#record;
  }

  /** Runs the steps over one record, whose value is decoded first. */
  runRow(batch: RecordBatch, row: number, emitter: Emitter): void {
    const value = this.#decode(batch, row, emitter);
    if (value !== undefined) this.runValue(batch, row, value, emitter);
  }

  /** Runs the steps over a record that has been decoded. The value is theirs. */
  runValue(batch: RecordBatch, row: number, value: JsonObject, emitter: Emitter): void {
    this.#record.moveTo(batch, row, value);
    this.#runSteps(batch, row, 0, emitter);
  }

  /** Runs the steps over every record of the batch, in order. Throws only where a policy is `fail`. */
  run(batch: RecordBatch, emitter: Emitter): void {
    if (this.empty) {
      emitter.forwardAll(batch);
      return;
    }
    const way = batch.topics.every((topic) => this.#options.codecOf(topic) === 'json') ? this.#byteWay : undefined;
    for (let row = 0; row < batch.length; row += 1) {
      if (way !== undefined && emitter.forwardBytes(batch, row, way)) continue;
      const value = this.decodes ? this.#decode(batch, row, emitter) : {};
      if (value === undefined) continue;
      this.#record.moveTo(batch, row, value);
      this.#runSteps(batch, row, 0, emitter);
    }
  }

  /** The value of a record; undefined where it is none, which is then rejected. */
  #decode(batch: RecordBatch, row: number, emitter: Emitter): JsonObject | undefined {
    const decoded = decodeValue(batch, row, this.#options.codecOf(batch.topic(row)));
    if (typeof decoded !== 'string') return decoded;
    if (isWithdrawal(batch, row)) {
      if (this.#passesValue) emitter.drop(batch, row);
      else passWithdrawal(batch, row, { steps: this.#options.steps, emitter });
      return undefined;
    }
    this.#reject(batch, row, emitter, { code: 'RECORD_NOT_JSON', message: decoded, policy: this.#options.onError });
    return undefined;
  }

  /** Runs the steps from number `from` on, over the record that the cursor is at. */
  #runSteps(batch: RecordBatch, row: number, from: number, emitter: Emitter): void {
    const record = this.#record;
    let at = from;
    let outcome: StepOutcome | undefined;
    try {
      for (; at < this.#steps.length; at += 1) {
        outcome = (this.#steps[at] as RecordStep)(record);
        if (outcome !== undefined) break;
      }
      if (outcome === undefined) emitter.forward(batch, row, this.#passesOn ? record.value : undefined);
      else this.#settle({ batch, row, outcome, at, emitter });
    } catch (error) {
      // A step that throws has met what its author did not foresee; the record is kept with the reason.
      if (error instanceof ProgramFailure || error instanceof OperatorFailure) throw error;
      const encoding = at >= this.#steps.length;
      const policy = this.#policies[at] ?? this.#options.onError;
      if (encoding && isMillraceError(error)) {
        this.#reject(batch, row, emitter, { code: error.code, message: error.message, policy });
        return;
      }
      this.#reject(batch, row, emitter, {
        code: encoding ? 'RECORD_NOT_ENCODABLE' : 'STEP_THREW',
        message: encoding ? `encoding the value as JSON: ${reasonOf(error)}` : `the step threw: ${reasonOf(error)}`,
        ...(encoding ? {} : { step: this.#ids[at] as string }),
        policy,
      });
    }
  }

  /** A step has said what becomes of the record. */
  #settle(run: Place & { readonly outcome: StepOutcome }): void {
    const { batch, row, outcome, emitter } = run;
    if (outcome.kind === 'dropped') {
      emitter.drop(batch, row);
    } else if (outcome.kind === 'routed') {
      emitter.route(outcome.topic, batch, row, this.#passesOn ? this.#record.value : undefined);
    } else if (outcome.kind === 'split') {
      this.#runParts(run, outcome);
    } else {
      this.#rejectAt(run, outcome);
    }
  }

  /** Runs the rest of the steps over every part of a record that a step has split. */
  #runParts(place: Place, { values }: Split): void {
    const { batch, row, emitter } = place;
    if (this.#options.steps[place.at]?.definition.splits !== true) throw new Error('it splits records and does not declare it');
    const id = splitResultId(batch, row);
    const refused = this.#parts.run(values, place, (value, number) => {
      if (id === undefined) {
        this.#record.value = value;
        this.#runSteps(batch, row, place.at + 1, emitter);
      } else {
        const part = resultPart(batch, row, { id, number });
        this.#record.moveTo(part, 0, value);
        this.#runSteps(part, 0, place.at + 1, emitter);
      }
    });
    if (refused !== undefined) this.#rejectAt(place, refused);
    else if (values.length === 0) emitter.drop(batch, row);
  }

  #rejectAt({ batch, row, at, emitter }: Place, { code, message }: { code: ErrorCode; message: string }): void {
    this.#reject(batch, row, emitter, {
      code,
      message,
      step: this.#ids[at] as string,
      policy: this.#policies[at] as 'dead_letter' | 'drop' | 'fail',
    });
  }

  #reject(batch: RecordBatch, row: number, emitter: Emitter, reason: Rejection): void {
    const part = this.#parts.nameOf(batch, row);
    const rejection = part === undefined ? reason : { ...reason, part };
    if (rejection.policy === 'fail') throw new ProgramFailure(rejection, batch, row);
    emitter.reject(batch, row, rejection);
  }
}

/** A record failed in a step whose `on_error` is `fail`: the task stops. */
export class ProgramFailure extends Error {
  readonly rejection: Rejection;
  readonly batch: RecordBatch;
  readonly row: number;

  constructor(rejection: Rejection, batch: RecordBatch, row: number) {
    super(rejection.message);
    this.name = 'ProgramFailure';
    this.rejection = rejection;
    this.batch = batch;
    this.row = row;
  }
}

/** A step with state failed in the middle of its work: what it holds may be half changed, so the task begins anew from what is committed. */
export class OperatorFailure extends Error {
  constructor(step: string, cause: unknown) {
    super(`the step ${step} failed: ${reasonOf(cause)}`, { cause });
    this.name = 'OperatorFailure';
  }
}

/** The short way of the one step that there is, where it runs for every record and values stay JSON. */
function byteWayOf({ steps, transcodes }: ProgramOptions): ByteWay | undefined {
  const [step] = steps;
  if (steps.length !== 1 || step === undefined || step.when !== undefined || transcodes === true) return undefined;
  return step.definition.byteWay?.(step.options);
}

function composeStep(step: ProgramStep, { component, env: { clock, log, metrics } }: ProgramOptions): RecordStep {
  const own = metrics?.of(step.id) ?? noMetrics;
  const run = step.definition.create(step.options, { component, id: step.id, clock, log, metrics: own });
  if (step.when === undefined) return run;
  const when = step.when.evaluate;
  return (record) => (when(record) === true ? run(record) : undefined);
}

/** The value as an object, or the reason why it is none. */
function decodeValue(batch: RecordBatch, row: number, codec: 'json' | 'text'): JsonObject | string {
  const text = batch.valueText(row);
  if (codec === 'text') return { message: text };
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : `decoding the value as a JSON object: it is ${kindOf(value)}`;
  } catch (error) {
    return `decoding the value as a JSON object: ${reasonOf(error)}`;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
