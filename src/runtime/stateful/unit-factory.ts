import { MillraceError } from '../../errors/index.ts';
import type { TopicPartition } from '../../kafka/types.ts';
import { noMetrics } from '../../sdk/metrics.ts';
import type { OperatorContext, PartitionOperator, TableView, WindowCounters } from '../../sdk/operator.ts';
import { isProcessor, type ProcessorDefinition } from '../../sdk/processor.ts';
import { MicroBatchProcessor } from '../../stream/processor/micro-batch-processor.ts';
import { resetPlace } from '../../topology/reset-place.ts';
import type { StageNode } from '../../topology/stages.ts';
import type { StreamTime } from '../../topology/types.ts';
import type { OperatorElement } from '../../topology/waiting-steps.ts';
import type { BatchEmitter } from '../batch-emitter.ts';
import type { TaskEnvironment } from '../task.ts';
import type { Flow } from './flow.ts';
import { ProcessorOperator } from './processor-operator.ts';
import { StateUnit } from './state-unit.ts';

/** Which unit: a partition of a stage with state, or of an input of one without. */
export interface UnitPlace {
  readonly name: string;
  readonly partition: number;
}

/** A unit as the key of a map. */
export function unitKey({ name, partition }: UnitPlace): string {
  return `${name}/${partition}`;
}

const NO_TABLES: ReadonlyMap<string, TableView> = new Map();

/** Makes the units of a stage: those of the partitions that are assigned to its task. */
export class UnitFactory {
  readonly #node: StageNode;
  readonly #env: TaskEnvironment;
  readonly #flow: Flow;
  readonly #rules: StreamTime;
  readonly #emitter: BatchEmitter;
  readonly #generation: number;
  readonly #isFull: () => boolean;
  /** One for each step with state, over all partitions. */
  readonly counters: readonly WindowCounters[];

  constructor(node: StageNode, env: TaskEnvironment, parts: { flow: Flow; rules: StreamTime; emitter: BatchEmitter }) {
    this.#node = node;
    this.#emitter = parts.emitter;
    this.#env = env;
    this.#flow = parts.flow;
    this.#rules = parts.rules;
    this.counters = parts.flow.operators.map(() => ({
      pairs: 0,
      assigned: 0,
      lateKept: 0,
      lateRouted: 0,
      lateDropped: 0,
      gapDropped: 0,
    }));
    this.#generation = env.generationOf(node.stream);
    const { maxBytes } = env.settings.commit;
    this.#isFull = () => parts.emitter.target.outputs.bytes >= maxBytes;
    if (node.stateful) this.#checkCounts();
  }

  /** The units that these partitions of inputs make up. Throws where a task has not been given the same partitions of all inputs. */
  forPartitions(partitions: readonly TopicPartition[], retryTopic: string): UnitPlace[] {
    const inputs = partitions.filter(({ topic }) => topic !== retryTopic);
    this.#checkState(inputs);
    if (!this.#node.stateful) return inputs.map(({ topic, partition }) => ({ name: topic, partition }));
    const numbers = [...new Set(inputs.map(({ partition }) => partition))];
    for (const number of numbers) {
      const missing = this.#node.from.find((topic) => !inputs.some((one) => one.topic === topic && one.partition === number));
      if (missing !== undefined) {
        const reason = `the group gave it partition ${number} of its inputs without that of ${missing}`;
        throw new MillraceError('RUNTIME_INTERNAL', { reason: `starting ${this.#node.name}: ${reason}` });
      }
    }
    return numbers.map((number) => ({ name: this.#node.name, partition: number }));
  }

  /** `tables`: those that its joins look up, by step id. */
  create({ name, partition }: UnitPlace, tables: ReadonlyMap<string, TableView> = NO_TABLES): StateUnit {
    const operators: PartitionOperator[] = [];
    const inputs = this.#node.stateful ? this.#node.inputs : this.#node.inputs.filter(({ topic }) => topic === name);
    const unit = new StateUnit({ name, partition, operators, inputs, rules: this.#rules });
    this.#flow.operators.forEach((element, number) => {
      operators.push(this.#operator(element, number, unit, tables.get(element.step.id)));
      unit.told.push(Number.NEGATIVE_INFINITY);
    });
    return unit;
  }

  #operator({ step, part }: OperatorElement, number: number, unit: StateUnit, table: TableView | undefined): PartitionOperator {
    const { pipeline, clock, log } = this.#env;
    const context: OperatorContext = {
      pipeline: pipeline.name,
      component: this.#node.stream,
      id: step.id,
      generation: this.#generation,
      partition: unit.partition,
      clock,
      log,
      inOrder: this.#comesInOrder(number),
      counters: this.counters[number] as WindowCounters,
      ...(table === undefined ? {} : { table }),
      emit: (derived) => this.#flow.emit(number, unit, derived),
      drop: () => this.#emitter.drop(),
      isFull: this.#isFull,
    };
    if (isProcessor(step.definition)) return this.#processor(step, context);
    const { state } = step.definition;
    if (part === 'whole') return state.create(step.options, context);
    const halves = state.preaggregate?.(step.options);
    if (halves === undefined) throw new Error(`${step.id} cannot be aggregated in part`);
    return part === 'partial' ? halves.partial(context) : halves.final(context);
  }

  /** Whether a partition's records come to operator `number` in the order of their time, but for those that are late. */
  #comesInOrder(number: number): boolean {
    const [input, ...others] = this.#node.inputs;
    const before = this.#flow.operators.slice(0, number);
    if (!before.every(({ step: { definition } }) => definition.state.keepsOrder === true)) return false;
    return this.#rules.waitMs === 0 && others.length === 0 && input?.repartitioned === false;
  }

  /** An input may have got more partitions since the start: its keys are spread anew, and there is no state for what is new. */
  #checkState(inputs: readonly TopicPartition[]): void {
    const state = this.#env.partitionsOf(this.#node.changelog as string);
    const last = Math.max(-1, ...inputs.map(({ partition }) => partition));
    if (last >= state) throw this.#otherCount(state, last + 1);
  }

  #processor({ definition, options, when, onError }: OperatorElement['step'], context: OperatorContext): ProcessorOperator {
    const place = { ...context, metrics: this.#env.metrics?.of(context.id) ?? noMetrics };
    return new ProcessorOperator({
      processor: new MicroBatchProcessor(definition as ProcessorDefinition, options, place),
      when: when?.evaluate,
      policy: onError ?? this.#node.onError,
      emitter: this.#emitter,
      context,
      topic: this.#node.from[0] ?? '',
      faultOf: (definition as ProcessorDefinition).processor.faultOf,
    });
  }

  #checkCounts(): void {
    const { name, from: inputs, tables, changelog, single } = this.#node;
    for (const topic of single ? inputs : []) {
      const count = this.#env.partitionsOf(topic);
      if (count > 1) throw new MillraceError('TOPIC_NOT_SINGLE', { stage: name, topic, count });
    }
    const from = [...inputs, ...tables];
    const counts = from.map((topic) => this.#env.partitionsOf(topic));
    if (new Set(counts).size > 1) {
      throw new MillraceError('INPUTS_NOT_COPARTITIONED', { stage: name, topics: from.join(', '), counts: counts.join(', ') });
    }
    const state = this.#env.partitionsOf(changelog as string);
    const [input] = counts;
    if (input !== undefined && state !== input) throw this.#otherCount(state, input);
  }

  #otherCount(state: number, input: number): MillraceError {
    const { file, task } = resetPlace(this.#env.pipeline, this.#node);
    return new MillraceError('STATE_PARTITIONS', { stage: this.#node.name, state, input, file, task });
  }
}
