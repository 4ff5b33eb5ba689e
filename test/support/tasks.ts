import { z } from 'zod';
import type { RecordBatch } from '../../src/record/batch.ts';
import { noFaults } from '../../src/runtime/fault-points.ts';
import { openGate } from '../../src/runtime/flow-gate.ts';
import type { TaskEnvironment } from '../../src/runtime/task.ts';
import { Turns } from '../../src/runtime/turns.ts';
import type { Clock } from '../../src/sdk/clock.ts';
import type { Logger } from '../../src/sdk/logger.ts';
import type { Outcomes } from '../../src/sdk/outcomes.ts';
import type { Sink, SinkBatch } from '../../src/sdk/sink.ts';
import type { Source } from '../../src/sdk/source.ts';
import type { RecordStep } from '../../src/sdk/step.ts';
import { Names } from '../../src/topology/names.ts';
import type { Settings } from '../../src/topology/settings.ts';
import type { Pipeline, SinkNode, SourceNode, StepNode, StreamNode, TopicNode } from '../../src/topology/types.ts';
import type { FakeKafka } from './fake-kafka.ts';

/** Everything that a log got: level, message and fields. */
export class RecordingLog implements Logger {
  readonly lines: string[] = [];
  debug(): void {}
  info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#add('info', message, fields);
  }
  warn(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#add('warn', message, fields);
  }
  error(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#add('error', message, fields);
  }
  #add(level: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    this.lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  }
}

export function topicNode(name: string, more: Partial<TopicNode> = {}): TopicNode {
  return { name, partitions: 1, cleanup: 'delete', external: false, codec: 'json', config: {}, ...more };
}

export function stepNode(
  run: RecordStep,
  more: Partial<StepNode> & { changesValue?: boolean; splits?: boolean; topics?: readonly string[] } = {},
): StepNode {
  const { changesValue = false, splits = false, topics, ...node } = more;
  return {
    id: 'step',
    options: {},
    definition: {
      kind: 'test',
      summary: 'A step of a test.',
      options: z.unknown(),
      changesValue,
      splits,
      readsValue: true,
      examples: [],
      ...(topics === undefined ? {} : { topics: () => topics }),
      create: () => run,
    },
    ...node,
  };
}

export function streamNode(more: Partial<StreamNode> = {}): StreamNode {
  return {
    kind: 'stream',
    name: 'parse',
    from: ['in'],
    to: 'out',
    steps: [],
    onError: 'dead_letter',
    delivery: 'exactly_once',
    ...more,
  };
}

export function sinkNode(sink: () => Sink, more: Partial<SinkNode> = {}): SinkNode {
  return {
    kind: 'sink',
    name: 'search',
    from: ['in'],
    steps: [],
    onError: 'dead_letter',
    config: {},
    connector: {
      type: 'test',
      summary: 'A sink of a test.',
      config: z.unknown(),
      examples: [],
      batch: { records: 100, bytes: 1_000_000 },
      concurrency: 1,
      delivery: 'effectively_once',
      create: sink,
    },
    batch: { records: 100, bytes: 1_000_000 },
    concurrency: 1,
    retry: { initialMs: 100, maxMs: 1_000 },
    ...more,
  };
}

export function sourceNode(source: () => Source, more: Partial<SourceNode> = {}): SourceNode {
  return {
    kind: 'source',
    name: 'web',
    to: 'in',
    steps: [],
    onError: 'dead_letter',
    config: {},
    delivery: 'exactly_once',
    connector: { type: 'test', summary: 'A source of a test.', config: z.unknown(), examples: [], create: source },
    ...more,
  };
}

export function pipelineOf(more: Partial<Pipeline> = {}): Pipeline {
  return {
    name: 'logs',
    file: '/logs.yaml',
    delivery: 'exactly_once',
    topics: [topicNode('in'), topicNode('out')],
    sources: [],
    streams: [],
    sinks: [],
    ...more,
  };
}

export function settingsOf(more: Partial<Settings> = {}): Settings {
  return {
    profile: 'test',
    namespace: 'ns',
    host: 'h1',
    dataDirectory: '/nowhere',
    kafka: {
      mode: 'cluster',
      brokers: 'fake:1',
      security: { protocol: 'plaintext' },
      options: {},
      sessionTimeoutMs: 10_000,
      transactionTimeoutMs: 10_000,
      batches: 'auto',
    },
    admin: { enabled: false, host: '127.0.0.1', port: 0 },
    commit: { intervalMs: 100, maxRecords: 50_000, maxBytes: 16_000_000 },
    log: { level: 'info', format: 'text' },
    ...more,
  };
}

/** What a task needs, over a fake Kafka with all of the pipeline's topics. */
export function environmentOf(
  kafka: FakeKafka,
  clock: Clock,
  more: Partial<TaskEnvironment> & { pipeline?: Pipeline; instance?: string } = {},
): TaskEnvironment {
  const { pipeline = pipelineOf(), instance = 'i1', ...rest } = more;
  const names = new Names('ns');
  for (const { name, partitions } of pipeline.topics) kafka.createTopic(name, partitions);
  for (const task of [...pipeline.streams, ...pipeline.sinks]) kafka.createTopic(names.retry(pipeline.name, task.name));
  for (const name of [names.dead(pipeline.name), names.positions, names.meta]) kafka.createTopic(name);
  return {
    pipeline,
    settings: settingsOf(),
    names,
    kafka,
    lookup: kafka.admin(),
    restores: new Turns(8),
    clock,
    random: () => 0.5,
    log: new RecordingLog(),
    pass: noFaults,
    place: { instance, slot: 0 },
    incarnationOf: (topic) => `inc_${topic.replaceAll('.', '_')}`,
    generationOf: () => 0,
    partitionsOf: (topic) => kafka.logs.get(topic)?.length ?? 0,
    stampedByBroker: (topic) => !pipeline.topics.some(({ name, external }) => external && name === topic),
    gate: openGate,
    ...rest,
  };
}

/** What a scripted destination does with one record. */
export type Verdict = 'deliver' | 'retry' | 'reject' | 'silent';

/** A destination that keeps documents by id, and answers as it is told. */
export class FakeSink implements Sink {
  readonly documents = new Map<string, string>();
  /** Deliveries of each id, also the repeated ones. */
  readonly arrivals = new Map<string, number>();
  writes = 0;
  inFlight = 0;
  mostInFlight = 0;
  opens = 0;
  closed = 0;
  verdict: (value: string) => Verdict = () => 'deliver';
  before: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  /** Throws, or refuses the whole request, where it gives something. */
  whole: (values: readonly string[]) => 'throw' | 'refuse' | undefined = () => undefined;
  onOpen: () => Promise<void> = () => Promise.resolve();
  onWrite: (values: readonly string[], signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  overloaded: () => boolean = () => false;
  /** The order key of each record, where order matters. */
  keyOf: ((value: string) => string) | undefined;

  async open(): Promise<void> {
    this.opens += 1;
    await this.onOpen();
  }

  orderKeys(records: RecordBatch): readonly (string | undefined)[] | undefined {
    const { keyOf } = this;
    return keyOf && Array.from({ length: records.length }, (_, i) => keyOf(records.valueText(i)));
  }

  async write(batch: SinkBatch, outcomes: Outcomes, signal: AbortSignal): Promise<void> {
    this.writes += 1;
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      await this.before(signal);
      await this.onWrite(valuesOf(batch), signal);
      if (this.overloaded()) outcomes.overload();
      signal.throwIfAborted();
      this.#write(batch, outcomes);
    } finally {
      this.inFlight -= 1;
    }
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  #write(batch: SinkBatch, outcomes: Outcomes): void {
    const values = valuesOf(batch);
    const whole = this.whole(values);
    if (whole === 'throw') throw new Error('the destination is away');
    if (whole === 'refuse') {
      outcomes.refuseAll({ code: 'ES_REQUEST_REFUSED', message: 'refused as a whole' });
      return;
    }
    values.forEach((value, i) => {
      const verdict = this.verdict(value);
      if (verdict === 'retry') outcomes.retry(i, { code: 'ES_BUSY', message: 'busy' });
      else if (verdict === 'reject') outcomes.reject(i, { code: 'ES_DOCUMENT_REJECTED', message: 'rejected' });
      else if (verdict === 'deliver')
        this.#store(
          batch.id(i),
          value,
          () => outcomes.duplicate(i),
          () => outcomes.delivered(i),
        );
    });
  }

  #store(id: string, value: string, duplicate: () => void, delivered: () => void): void {
    this.arrivals.set(id, (this.arrivals.get(id) ?? 0) + 1);
    if (this.documents.has(id)) {
      duplicate();
    } else {
      this.documents.set(id, value);
      delivered();
    }
  }
}

function valuesOf({ records }: SinkBatch): string[] {
  return Array.from({ length: records.length }, (_, i) => records.valueText(i));
}
