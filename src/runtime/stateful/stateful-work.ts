import { MillraceError } from '../../errors/index.ts';
import type { TopicPartition } from '../../kafka/types.ts';
import type { RecordBatch } from '../../record/batch.ts';
import { isProcessor } from '../../sdk/processor.ts';
import type { ComponentStats } from '../../telemetry/stats.ts';
import type { StageNode } from '../../topology/stages.ts';
import { type TimeRules, timeRulesOf } from '../../topology/stream-time.ts';
import { arrange } from '../../topology/waiting-steps.ts';
import { AsyncChain } from '../async-chain.ts';
import type { BatchEmitter } from '../batch-emitter.ts';
import type { GroupIntake } from '../intake.ts';
import type { MicroBatch } from '../micro-batch.ts';
import type { OutputTopics } from '../output-topics.ts';
import type { StreamWork } from '../stream-work.ts';
import type { TaskEnvironment } from '../task.ts';
import { type Alignment, alignmentOf } from './alignment.ts';
import { ChangelogRows } from './changelog-rows.ts';
import { endOf, type StageEnd } from './ends.ts';
import { Flow } from './flow.ts';
import { IdleWatch } from './idle-watch.ts';
import { Processors } from './processors.ts';
import { timeKey } from './restore.ts';
import { RowRunner } from './row-runner.ts';
import type { StateUnit } from './state-unit.ts';
import { UnitFactory, unitKey } from './unit-factory.ts';
import { UnitLoader } from './unit-loader.ts';
import { goOn, markerOf } from './unit-progress.ts';
import { showUnits } from './unit-stats.ts';
import { WaitingEnd } from './waiting-end.ts';

/** How often operators are told of the wall clock while a micro-batch is gathered, in ms. */
const TICK_MS = 500;

/** A stream in which event time matters: steps with state, or the way to them through a repartition. */
export class StatefulWork implements StreamWork {
  readonly #node: StageNode;
  readonly #env: TaskEnvironment;
  readonly #emitter: BatchEmitter;
  readonly #end: StageEnd;
  readonly #flow: Flow;
  readonly #rules: TimeRules;
  readonly #units: UnitFactory;
  readonly #loader: UnitLoader;
  readonly #retryTopic: string;
  /** Units at work, by `name/partition`. */
  readonly #active = new Map<string, StateUnit>();
  /** Which restore of a unit is still wanted. */
  readonly #wanted = new Map<string, object>();
  readonly #rows: ChangelogRows;
  /** Steps that wait before any with state. */
  readonly #prefix: AsyncChain<number> | undefined;
  readonly #processors: Processors | undefined;
  readonly #rowRunner: RowRunner;
  #idle: IdleWatch | undefined;
  #alignment: Alignment | undefined;
  #lastTick = Number.NEGATIVE_INFINITY;
  /** What was open has been emitted at the end of a bounded run: from here on only a rollback leads back to work. */
  #openShown = false;

  constructor(
    node: StageNode,
    env: TaskEnvironment,
    { topics, emitter, stats }: { topics: OutputTopics; emitter: BatchEmitter; stats: ComponentStats },
  ) {
    this.#node = node;
    this.#env = env;
    this.#emitter = emitter;
    this.#rules = timeRulesOf(env.pipeline.streams.find(({ name }) => name === node.stream) ?? node, env.pipeline);
    this.#retryTopic = env.names.retry(env.pipeline.name, node.name);
    const program = { component: node.name, env, codecOf: topics.codecOf, retryTopic: this.#retryTopic, onError: node.onError };
    const { prefix, middle, suffix } = arrange(node.elements);
    if (prefix.length > 0) this.#prefix = new AsyncChain({ elements: prefix, program, emitter });
    const end = endOf(node, env, { topics, emitter, retryTopic: this.#retryTopic });
    this.#end = suffix.length > 0 ? new WaitingEnd(end, { elements: suffix, program, emitter }) : end;
    this.#flow = new Flow({
      elements: middle,
      program,
      time: this.#rules,
      end: this.#end,
      emitter,
      changesBehind: suffix.some(({ kind, ...of }) =>
        ('steps' in of ? of.steps : [of.step]).some((s) => s.definition.changesValue),
      ),
      encodes: topics.transcodes || node.steps.some(({ definition }) => definition.changesValue),
      topic: node.from[0] ?? '',
    });
    this.#units = new UnitFactory(node, env, { flow: this.#flow, rules: this.#rules, emitter });
    if (node.steps.some(({ definition }) => isProcessor(definition))) this.#processors = new Processors(this.#active);
    this.#loader = new UnitLoader(node, env, { flow: this.#flow, units: this.#units });
    this.#rowRunner = new RowRunner({
      node,
      flow: this.#flow,
      prefix: this.#prefix,
      unitOf: (topic, partition) => this.#unitOf(topic, partition),
      anyUnit: (partition) =>
        this.#active.values().next().value ?? this.#units.create({ name: this.#node.units[0] as string, partition }),
      onRecord: (clock) => this.#idle?.active(clock),
      onRun: (unit, topic, offset) => this.#alignment?.read(unit, topic, offset),
    });
    this.#rows = new ChangelogRows(topics.changelog);
    showUnits(stats, { units: this.#active, operators: this.#flow.operators, counters: this.#units.counters });
  }

  /** Where the records come from, for the look at partitions that are idle. */
  reads(intake: GroupIntake): void {
    const { lookup, clock } = this.#env;
    this.#idle = new IdleWatch({
      lookup,
      clock,
      timeoutMs: this.#rules.idleTimeoutMs,
      endOf: (partition) => intake.endOf(partition),
    });
    this.#alignment = alignmentOf(this.#node, intake, this.#env.alignment);
  }

  into(batch: MicroBatch): void {
    this.#emitter.into(batch);
  }

  run(read: RecordBatch): Promise<void> | void {
    const running = this.#rowRunner.run(read);
    if (running === undefined && this.#processors === undefined) return this.#end.settle();
    return this.#settle(running);
  }

  async #settle(running: Promise<void> | void): Promise<void> {
    await running;
    await this.#processors?.drain();
    await this.#end.settle();
  }

  resume(): boolean {
    return goOn(this.#active.values(), this.#flow);
  }

  tick(): boolean {
    this.#loader.assertReading();
    this.#alignment?.tick();
    const now = this.#env.clock.now();
    for (const clock of this.#idle?.tick() ?? []) {
      for (const unit of this.#active.values()) if (unit.passIdle(clock, now)) this.#flow.advance(unit);
    }
    const at = this.#env.clock.monotonic();
    if (at - this.#lastTick >= TICK_MS) {
      this.#lastTick = at;
      this.#loader.sweep();
      for (const unit of this.#active.values()) this.#flow.within(unit, (operator) => operator.tick(now));
    }
    for (const unit of this.#active.values()) if (unit.timeChanged || this.#owesMarker(unit)) return true;
    return this.#end.waits || this.#processors?.areDue === true;
  }

  end(batch: MicroBatch): Promise<void> | void {
    // What is open has been shown, and steps behind have taken it in: that is no state to keep.
    if (this.#openShown) return this.#end.settle();
    // Time may have gone on since the last read.
    if (this.#processors?.areDue === true) return this.#processors.drain().then(() => this.#finish(batch));
    return this.#finish(batch);
  }

  #finish(batch: MicroBatch): Promise<void> | void {
    this.#flush(batch);
    const settling = this.#end.settle();
    // What waited goes before the markers that cover it.
    if (settling === undefined) this.#seal(batch);
    else return settling.then(() => this.#seal(batch));
  }

  #flush(batch: MicroBatch): void {
    const now = this.#env.clock.now();
    for (const unit of this.#active.values()) {
      this.#flow.within(unit, (operator, number) => {
        operator.tick(now);
        operator.flush(this.#rows.of(batch.outputs, unit.partition, this.#flow.operators[number]?.step.id ?? ''));
      });
    }
  }

  #seal(batch: MicroBatch): void {
    for (const unit of this.#active.values()) {
      this.#mark(unit);
      const time = unit.flushed(batch);
      if (!unit.timeChanged) continue;
      this.#rows.of(batch.outputs, unit.partition).put(timeKey(unit), JSON.stringify(time));
      unit.timeChanged = false;
    }
  }

  #owesMarker(unit: StateUnit): boolean {
    return unit.markerDue && this.#end.marks;
  }

  #mark(unit: StateUnit): void {
    if (!this.#owesMarker(unit)) return;
    unit.markerDue = unit.isBehind;
    this.#end.mark(markerOf(unit, this.#env.partitionsOf(this.#node.stateful ? (this.#node.from[0] as string) : unit.name)));
  }

  committed(batch: MicroBatch): void {
    for (const unit of this.#active.values()) unit.committed(batch);
  }

  rollback(inDoubt: boolean): Promise<void> | void {
    this.#openShown = false;
    this.#alignment?.reset();
    this.#prefix?.clear();
    this.#end.clear();
    for (const unit of this.#active.values()) unit.rollback();
    if (inDoubt) return this.#reload();
  }

  /** Reads all state anew: a commit that seemed to fail may have been one. */
  async #reload(): Promise<void> {
    const places = [...this.#active];
    for (const [key] of places) this.#retire(key);
    await Promise.all(places.map(async ([key, place]) => this.#activate(key, await this.#loader.load(place))));
  }

  async restore(partitions: readonly TopicPartition[]): Promise<void> {
    const places = this.#units.forPartitions(partitions, this.#retryTopic);
    const token = {};
    const keys = places.map(unitKey);
    for (const key of keys) this.#wanted.set(key, token);
    // All of them or none: one at work while another is tried again would write what its own next restore does not see.
    const units = await Promise.all(places.map((place) => this.#loader.load(place)));
    for (const [i, key] of keys.entries()) if (this.#wanted.get(key) === token) this.#activate(key, units[i] as StateUnit);
  }

  #activate(key: string, unit: StateUnit): void {
    this.#active.set(key, unit);
    this.#alignment?.watch(unit);
    for (const [topic, clock] of unit.clocks) this.#idle?.watch({ topic, partition: unit.partition }, clock);
  }

  async beforeGiveUp(): Promise<void> {
    // What a processor has opened is its own, and closed with it.
    if (this.#processors === undefined) await this.#loader.park([...this.#active.values()]);
  }

  giveUp(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      if (topic === this.#retryTopic) continue;
      const key = unitKey({ name: this.#unitName(topic), partition });
      this.#wanted.delete(key);
      this.#retire(key);
      this.#loader.forget(partition);
    }
  }

  #retire(key: string): void {
    const unit = this.#active.get(key);
    if (unit !== undefined) this.#alignment?.forget(unit);
    for (const clock of unit?.clocks.values() ?? []) this.#idle?.forget(clock);
    this.#processors?.forget(unit);
    this.#active.delete(key);
  }

  emitOpen(batch: MicroBatch): boolean {
    for (const unit of this.#active.values()) this.#flow.within(unit, (operator) => operator.emitOpen());
    this.#openShown = true;
    return !batch.empty || this.#end.waits;
  }

  interrupt(): void {
    this.#prefix?.interrupt();
    this.#processors?.interrupt();
    this.#end.interrupt();
  }

  async close(): Promise<void> {
    this.#prefix?.close();
    this.#processors?.close();
    this.#end.close();
    await this.#loader.close();
  }

  #unitName(topic: string): string {
    return this.#node.stateful ? this.#node.name : topic;
  }

  #unitOf(topic: string, partition: number): StateUnit {
    const unit = this.#active.get(unitKey({ name: this.#unitName(topic), partition }));
    if (unit === undefined)
      throw new MillraceError('RUNTIME_INTERNAL', { reason: `${topic} ${partition} was read before its state was there` });
    return unit;
  }
}
