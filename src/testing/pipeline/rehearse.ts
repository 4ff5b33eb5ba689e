import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordBatch } from '../../record/batch.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import type { JsonValue } from '../../record/json.ts';
import type { SourceRehearsal } from '../../sdk/rehearsal.ts';
import type { Sink, SinkContext } from '../../sdk/sink.ts';
import type { Source } from '../../sdk/source.ts';
import type { Pipeline, SinkNode, SourceNode } from '../../topology/types.ts';
import type { OutsideWork } from './outside-work.ts';

export interface RehearsalOptions {
  /** A directory of the test's own; made when it is asked for, since most tests need none. */
  readonly directory: () => string;
  readonly outside: OutsideWork;
  /** How the destination of a sink is to answer. */
  readonly repliesOf: (sink: string) => readonly JsonValue[];
}

/** A pipeline whose connectors reach nothing outside, and what a test does with them. */
export interface RehearsedPipeline {
  readonly pipeline: Pipeline;
  /** What the destination of each sink has been sent. */
  readonly delivered: ReadonlyMap<string, () => readonly JsonValue[]>;
  /** The sources that take inputs of a test. */
  readonly sources: ReadonlyMap<string, () => SourceRehearsal>;
}

/** Puts destinations and inputs of the test's own in the place of the real ones. Each topic has one partition, unless it is to be as declared. */
export function rehearse(pipeline: Pipeline, options: RehearsalOptions): RehearsedPipeline {
  const delivered = new Map<string, () => readonly JsonValue[]>();
  const sources = new Map<string, () => SourceRehearsal>();
  return {
    pipeline: {
      ...pipeline,
      sources: pipeline.sources.map((node) => rehearsedSource(node, { options, sources })),
      sinks: pipeline.sinks.map((node) => rehearsedSink(node, { options, delivered })),
    },
    delivered,
    sources,
  };
}

function directoryOf(name: string, { directory }: RehearsalOptions): string {
  const own = join(directory(), name);
  mkdirSync(own, { recursive: true });
  return own;
}

function rehearsedSource(
  node: SourceNode,
  { options, sources }: { options: RehearsalOptions; sources: Map<string, () => SourceRehearsal> },
): SourceNode {
  const { connector, config } = node;
  if (connector.rehearse === undefined) return node;
  let made: SourceRehearsal | undefined;
  const rehearsal = (): SourceRehearsal => {
    made ??= connector.rehearse?.(config, { directory: directoryOf(node.name, options) }) as SourceRehearsal;
    return made;
  };
  sources.set(node.name, rehearsal);
  const create = (): Source => {
    const { source, hides } = rehearsal();
    return hides === undefined ? source : hiding(source, hides);
  };
  return { ...node, connector: { ...connector, create } };
}

/** The source without a text in its records. */
function hiding(source: Source, text: string): Source {
  return {
    run: (emit, context) => source.run((records, options) => emit(without(records, text), options), context),
    close: () => source.close(),
  };
}

function without(records: RecordBatch, text: string): RecordBatch {
  const builder = new BatchBuilder(['']);
  for (let row = 0; row < records.length; row += 1) {
    builder.begin(0, records.partition(row), records.timestamp(row));
    builder.key(records.key(row));
    builder.value(records.value(row) === null ? null : records.valueText(row).replaceAll(text, ''));
    builder.headers(records.headersBytes(row));
  }
  return builder.batch();
}

function rehearsedSink(
  node: SinkNode,
  { options, delivered }: { options: RehearsalOptions; delivered: Map<string, () => readonly JsonValue[]> },
): SinkNode {
  const { connector } = node;
  const create = (config: unknown, context: SinkContext): Sink => {
    const place = {
      ...context,
      replies: options.repliesOf(node.name),
      get directory() {
        return directoryOf(node.name, options);
      },
    };
    const rehearsal = connector.rehearse?.(config, place) ?? keeping();
    delivered.set(node.name, () => rehearsal.delivered());
    return watched(rehearsal.sink, options.outside);
  };
  return { ...node, connector: { ...connector, create } };
}

/** For a connector that cannot be rehearsed: what it would be given is kept. */
function keeping(): { readonly sink: Sink; delivered(): readonly JsonValue[] } {
  const values: JsonValue[] = [];
  const sink: Sink = {
    open: () => Promise.resolve(),
    write: ({ records }, outcomes) => {
      for (let i = 0; i < records.length; i += 1) values.push(records.value(i) === null ? null : records.valueJson(i));
      outcomes.deliveredAll();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  return { sink, delivered: () => values };
}

/** The sink, whose calls take real time. */
function watched(sink: Sink, outside: OutsideWork): Sink {
  return {
    open: (signal) => outside.during(sink.open(signal)),
    write: (batch, outcomes, signal) => outside.during(sink.write(batch, outcomes, signal)),
    ...(sink.orderKeys === undefined ? {} : { orderKeys: (records) => sink.orderKeys?.(records) }),
    close: () => outside.during(sink.close()),
  };
}
