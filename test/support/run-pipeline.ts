import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Environment, loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import type { RecordBatch } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { JsonEncoder } from '../../src/record/json-encoder.ts';
import { noMetrics } from '../../src/sdk/metrics.ts';
import type { Emit } from '../../src/sdk/source.ts';
import { type Emitter, Program, type Rejection } from '../../src/stream/program.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import type { Pipeline, SourceNode, TaskNode } from '../../src/topology/types.ts';
import { registry } from '../golden/registry.ts';
import { expectTypes } from './conforms.ts';
import { RecordingLog } from './tasks.ts';

/** A record that a task could not process, as far as tests look at it. */
export interface DeadRecord extends Pick<Rejection, 'code' | 'message'> {
  readonly task: string;
  readonly step: string | undefined;
  readonly value: unknown;
}

/** What a run of a pipeline has left. */
export interface PipelineRun {
  /** The records of each topic, in their order. */
  readonly topics: ReadonlyMap<string, readonly JsonObject[]>;
  /** What each sink would deliver, after its steps. */
  readonly sinks: ReadonlyMap<string, readonly JsonObject[]>;
  readonly dead: readonly DeadRecord[];
}

export interface RunOptions {
  /** The environment of the pipeline file. */
  readonly variables: Readonly<Record<string, string>>;
  /** When it runs, in ms since 1970: the time of the clock, and so the Kafka timestamp of what the sources read. */
  readonly now: number;
}

/**
 * Runs a file of `pipelines/` once over what its sources find, in memory: sources, streams and sinks with their own
 * connectors, options and steps, without a broker and without delivering anything.
 */
export async function runPipeline(file: string, options: RunOptions): Promise<PipelineRun> {
  const run = new InMemoryRun(load(file, options), options.now);
  return run.toEnd();
}

function load(file: string, { variables }: RunOptions): Pipeline {
  const environment: Environment = { variables, readFile: (path) => readFileSync(path, 'utf8') };
  const loaded = loadPipeline(fileURLToPath(new URL(`../../pipelines/${file}`, import.meta.url)), registry, environment);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n'));
  return loaded.pipeline;
}

class InMemoryRun {
  readonly #pipeline: Pipeline;
  readonly #clock: VirtualClock;
  readonly #log = new RecordingLog();
  readonly #encoder = new JsonEncoder();
  readonly #topics = new Map<string, BatchBuilder>();
  readonly #sinks = new Map<string, BatchBuilder>();
  readonly #dead: DeadRecord[] = [];

  constructor(pipeline: Pipeline, now: number) {
    this.#pipeline = pipeline;
    this.#clock = new VirtualClock(now);
    for (const { name, codec } of pipeline.topics) {
      if (codec !== 'json') throw new Error(`topic ${name}: only topics of JSON values can be run in memory`);
      this.#topics.set(name, new BatchBuilder([name]));
    }
  }

  async toEnd(): Promise<PipelineRun> {
    const { sources, streams, sinks } = this.#pipeline;
    for (const source of sources) await this.#read(source);
    // A pipeline has no cycles: a stream can run once nothing is left that writes what it reads.
    const waiting = new Set(streams);
    while (waiting.size > 0) {
      for (const stream of waiting) {
        if ([...waiting].some(({ to, steps }) => stream.from.some((topic) => writes(to, steps, topic)))) continue;
        this.#process(stream, stream.from, stream.to === undefined ? undefined : this.#topic(stream.to));
        waiting.delete(stream);
      }
    }
    for (const sink of sinks) {
      const delivered = new BatchBuilder([sink.name]);
      this.#sinks.set(sink.name, delivered);
      this.#process(sink, sink.from, delivered);
    }
    const topics = valuesOf(this.#topics);
    for (const [name, values] of topics) expectTypes(name, values, this.#pipeline);
    return { topics, sinks: valuesOf(this.#sinks), dead: this.#dead };
  }

  async #read(node: SourceNode): Promise<void> {
    const program = this.#program(node);
    const emitter = this.#emitter(node, this.#topic(node.to));
    const emit: Emit = async (batch) => program.run(batch, emitter);
    const source = node.connector.create(node.config);
    await source.run(emit, {
      positions: new Map(),
      signal: new AbortController().signal,
      once: true,
      host: 'web-1',
      room: async () => undefined,
      lost() {},
      clock: this.#clock,
      log: this.#log,
      metrics: noMetrics,
    });
    await source.close();
  }

  #process(node: TaskNode, from: readonly string[], to: BatchBuilder | undefined): void {
    const program = this.#program(node);
    const emitter = this.#emitter(node, to);
    for (const topic of from) program.run(this.#topic(topic).batch(), emitter);
  }

  #program({ name, steps, onError }: TaskNode): Program {
    return new Program({ component: name, env: { clock: this.#clock, log: this.#log }, steps, codecOf: () => 'json', onError });
  }

  #topic(name: string): BatchBuilder {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new Error(`there is no topic ${name}`);
    return topic;
  }

  #emitter(node: TaskNode, main: BatchBuilder | undefined): Emitter {
    const write = (to: BatchBuilder | undefined, batch: RecordBatch, row: number, value: JsonObject | undefined): void => {
      if (to === undefined) throw new Error(`${node.name} has no topic for what it does not route`);
      to.begin(0, 0, batch.timestamp(row) < 0 ? this.#clock.now() : batch.timestamp(row));
      if (value === undefined) to.value(batch.valueText(row));
      else this.#encoder.write(to, value);
    };
    return {
      forwardAll: (batch) => {
        for (let row = 0; row < batch.length; row += 1) write(main, batch, row, undefined);
      },
      forward: (batch, row, value) => write(main, batch, row, value),
      forwardBytes: () => false,
      route: (topic, batch, row, value) => write(this.#topic(topic), batch, row, value),
      drop: () => undefined,
      reject: (batch, row, { code, message, step }) => {
        this.#dead.push({ task: node.name, step, code, message, value: batch.valueJson(row) });
      },
    };
  }
}

/** Whether a stream with these outputs writes the topic. */
function writes(to: string | undefined, steps: TaskNode['steps'], topic: string): boolean {
  const routed = steps.flatMap(({ definition, options }) => definition.topics?.(options) ?? []);
  return to === topic || routed.includes(topic);
}

function valuesOf(builders: ReadonlyMap<string, BatchBuilder>): Map<string, JsonObject[]> {
  return new Map(
    [...builders].map(([name, builder]) => {
      const batch = builder.batch();
      return [name, Array.from({ length: batch.length }, (_, row) => batch.valueJson(row) as JsonObject)];
    }),
  );
}
