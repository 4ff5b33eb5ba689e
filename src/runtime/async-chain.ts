import type { MillraceError } from '../errors/index.ts';
import type { RecordBatch } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { JsonObject } from '../record/json.ts';
import { StreamRecord } from '../record/record.ts';
import type { AsyncRecordStep, AsyncStepDefinition } from '../sdk/async-step.ts';
import { noMetrics } from '../sdk/metrics.ts';
import type { StepOutcome } from '../sdk/step.ts';
import { type Emitter, Program, ProgramFailure, type ProgramOptions, type Rejection } from '../stream/program.ts';
import type { StepNode } from '../topology/types.ts';
import type { BatchEmitter } from './batch-emitter.ts';
import { type Made, withResume } from './stateful/derived-letter.ts';

export type AsyncElement =
  | { readonly kind: 'steps'; readonly steps: readonly StepNode[] }
  | { readonly kind: 'async'; readonly step: StepNode & { readonly definition: AsyncStepDefinition } };

/** What a record in a chain is beside its bytes: handed back at the end. */
export interface Staged<Tag> {
  readonly batch: RecordBatch;
  readonly row: number;
  readonly value: JsonObject;
  readonly tag: Tag;
  /** A step has left it out: nothing of it goes on, but it was there. */
  readonly dropped: boolean;
}

/** Rows that wait for a step, copied, since a read's memory is used again. */
class Waiting<Tag> {
  readonly #rows = new BatchBuilder();
  readonly values: JsonObject[] = [];
  readonly tags: Tag[] = [];
  readonly dropped: boolean[] = [];

  add(from: { batch: RecordBatch; row: number }, value: JsonObject, tag: Tag, dropped: boolean): void {
    const { batch, row } = from;
    this.#rows.begin(this.#rows.topicIndex(batch.topic(row)), batch.partition(row), batch.timestamp(row));
    this.#rows.offset(batch.offset(row));
    this.#rows.key(batch.key(row));
    this.#rows.value(batch.value(row));
    this.#rows.headers(batch.headersBytes(row));
    this.values.push(value);
    this.tags.push(tag);
    this.dropped.push(dropped);
  }

  clear(): void {
    this.#rows.reset();
    this.values.length = 0;
    this.tags.length = 0;
    this.dropped.length = 0;
  }

  /** Everything that waits; the memory is good until the next `add`. */
  take(): { readonly batch: RecordBatch; readonly values: JsonObject[]; readonly tags: Tag[]; readonly dropped: boolean[] } {
    const taken = { batch: this.#rows.batch(), values: [...this.values], tags: [...this.tags], dropped: [...this.dropped] };
    this.clear();
    return taken;
  }
}

interface Link<Tag> {
  readonly program: Program;
  readonly emitter: Emitter;
  readonly waiting: Waiting<Tag>;
  /** What the rows that wait are for; absent at the end of the chain. */
  readonly id?: string;
  readonly step?: AsyncRecordStep;
  readonly policy: Rejection['policy'];
}

export interface AsyncChainParts<Tag> {
  readonly elements: readonly AsyncElement[];
  readonly program: Omit<ProgramOptions, 'steps' | 'passesValue'>;
  readonly emitter: BatchEmitter;
  /** How a record was made, where it is not one of the input: its dead letter goes on from there. */
  readonly madeOf?: (tag: Tag) => Made | undefined;
}

/**
 * Stateless steps of which some wait for something outside. Records go through it a read at a time: all of them take one step
 * before any takes the next, and they come out in the order in which they went in.
 */
export class AsyncChain<Tag> {
  readonly #parts: AsyncChainParts<Tag>;
  readonly #links: readonly Link<Tag>[];
  #stopping = new AbortController();
  #tag!: Tag;

  constructor(parts: AsyncChainParts<Tag>) {
    this.#parts = parts;
    this.#links = linksOf(parts.elements).map(({ steps, next }, number) => this.#link(number, steps, next));
  }

  /** A record of the input, as it was read. */
  add(batch: RecordBatch, row: number, tag: Tag): void {
    const [first] = this.#links as [Link<Tag>];
    this.#tag = tag;
    first.program.runRow(batch, row, first.emitter);
  }

  /** A record with its value. */
  addValue(from: { batch: RecordBatch; row: number }, value: JsonObject, tag: Tag): void {
    const [first] = this.#links as [Link<Tag>];
    this.#tag = tag;
    first.program.runValue(from.batch, from.row, value, first.emitter);
  }

  /** A row that no step is to look at: it comes out as dropped, in its place. */
  pass(from: { batch: RecordBatch; row: number }, tag: Tag): void {
    const [first] = this.#links as [Link<Tag>];
    first.waiting.add(from, {}, tag, true);
  }

  /** Whether there is anything to settle. */
  get waits(): boolean {
    const [first] = this.#links as [Link<Tag>];
    return first.waiting.values.length > 0;
  }

  /** Forgets what was added and has not been settled. */
  clear(): void {
    for (const { waiting } of this.#links) waiting.clear();
  }

  /** Lets all that was added take all steps; gives each record that comes out to `each`, in order. */
  async settle(each: (staged: Staged<Tag>) => void): Promise<void> {
    for (const [number, link] of this.#links.entries()) {
      const { batch, values, tags, dropped } = link.waiting.take();
      if (values.length === 0) continue;
      if (link.step === undefined) {
        for (const [row, value] of values.entries())
          each({ batch, row, value, tag: tags[row] as Tag, dropped: dropped[row] as boolean });
        return;
      }
      const records = values.flatMap((value, row) => (dropped[row] === true ? [] : [recordOf(batch, row, value)]));
      const outcomes = records.length === 0 ? [] : await link.step.process(records, this.#stopping.signal);
      let at = 0;
      const next = this.#links[number + 1] as Link<Tag>;
      for (const [row, value] of values.entries()) {
        this.#tag = tags[row] as Tag;
        if (dropped[row] === true) {
          next.waiting.add({ batch, row }, value, this.#tag, true);
          continue;
        }
        this.#settleRow({ link, next, record: records[at] as StreamRecord }, outcomes[at]);
        at += 1;
      }
    }
  }

  /** A record that has come out is not taken where it goes. */
  reject({ batch, row, tag }: Staged<Tag>, { code, message }: MillraceError): void {
    this.#tag = tag;
    this.#reject({ batch, row }, { code, message, policy: this.#parts.program.onError });
  }

  /** Ends what is waited for now. */
  interrupt(): void {
    this.close();
    this.#stopping = new AbortController();
  }

  /** Ends what is waited for, now and later. */
  close(): void {
    this.#stopping.abort(new Error('the task ends'));
  }

  #settleRow(at: { link: Link<Tag>; next: Link<Tag>; record: StreamRecord }, outcome: StepOutcome | undefined): void {
    const { link, next, record } = at;
    const { batch, row } = record.place;
    if (outcome === undefined) next.program.runValue(batch, row, record.value, next.emitter);
    else if (outcome.kind === 'split') for (const value of outcome.values) next.program.runValue(batch, row, value, next.emitter);
    else if (outcome.kind === 'routed') this.#parts.emitter.route(outcome.topic, batch, row, record.value);
    else if (outcome.kind === 'dropped') {
      this.#parts.emitter.drop();
      next.waiting.add({ batch, row }, record.value, this.#tag, true);
    } else {
      const { code, message } = outcome;
      const rejection = { code, message, policy: link.policy, ...(link.id === undefined ? {} : { step: link.id }) };
      this.#reject({ batch, row }, rejection);
    }
  }

  #reject({ batch, row }: { batch: RecordBatch; row: number }, rejection: Rejection): void {
    if (rejection.policy === 'fail') throw new ProgramFailure(rejection, batch, row);
    const made = this.#parts.madeOf?.(this.#tag);
    if (made === undefined) this.#parts.emitter.reject(batch, row, rejection);
    else this.#parts.emitter.reject(withResume(batch, row, made), 0, rejection);
  }

  #link(number: number, steps: readonly StepNode[], next: (AsyncElement & { kind: 'async' }) | undefined): Link<Tag> {
    const { program: options, emitter } = this.#parts;
    const program = new Program({ ...options, steps, passesValue: true });
    const waiting = new Waiting<Tag>();
    const id = next?.step.id ?? '';
    const { clock, log, metrics } = options.env;
    const context = { component: options.component, id, clock, log, metrics: metrics?.of(id) ?? noMetrics };
    return {
      program,
      waiting,
      policy: next?.step.onError ?? options.onError,
      ...(next === undefined
        ? {}
        : { id: next.step.id, step: whenApplies(next.step, next.step.definition.createAsync(next.step.options, context)) }),
      emitter: {
        forwardAll: () => {
          throw new Error(`records go through the chain one by one (link ${number})`);
        },
        forwardBytes: () => false,
        forward: (batch, row, value) => waiting.add({ batch, row }, value as JsonObject, this.#tag, false),
        route: (topic, batch, row, value) => emitter.route(topic, batch, row, value),
        drop: (batch, row) => {
          emitter.drop();
          waiting.add({ batch, row }, program.record.value, this.#tag, true);
        },
        reject: (batch, row, rejection) => this.#reject({ batch, row }, rejection),
      },
    };
  }
}

/** Only the records for which the step's `when` is true are its business. */
function whenApplies({ when }: StepNode, step: AsyncRecordStep): AsyncRecordStep {
  if (when === undefined) return step;
  const applies = when.evaluate;
  return {
    process: async (records, signal) => {
      const chosen = records.filter((record) => applies(record) === true);
      const outcomes = chosen.length === 0 ? [] : await step.process(chosen, signal);
      const byRecord = new Map(chosen.map((record, i) => [record, outcomes[i]]));
      return records.map((record) => byRecord.get(record));
    },
  };
}

function recordOf(batch: RecordBatch, row: number, value: JsonObject): StreamRecord {
  const record = new StreamRecord();
  record.moveTo(batch, row, value);
  return record;
}

/** The steps before each step that waits, and those behind the last. */
function linksOf(
  elements: readonly AsyncElement[],
): { readonly steps: readonly StepNode[]; readonly next: (AsyncElement & { kind: 'async' }) | undefined }[] {
  const links: { steps: StepNode[]; next: (AsyncElement & { kind: 'async' }) | undefined }[] = [{ steps: [], next: undefined }];
  for (const element of elements) {
    const last = links.at(-1) as (typeof links)[number];
    if (element.kind === 'steps') last.steps.push(...element.steps);
    else {
      last.next = element;
      links.push({ steps: [], next: undefined });
    }
  }
  return links;
}
