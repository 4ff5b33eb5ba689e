import { EMBEDDED_PARTITIONS } from '../kafka/embedded.ts';
import type { Pipeline, TaskNode } from '../topology/types.ts';
import type { FlowGate, Load } from './flow-gate.ts';

/** Half of what the embedded broker keeps of a partition. Unkeyed records of one file all go to one partition. */
const MAX_RECORDS = 50_000;
const MAX_BYTES = 2_500_000;

interface TopicFlow {
  written: number;
  bytes: number;
  readonly read: Map<string, number>;
}

/** Counts what is in flight in each topic between its writers and its slowest reader, all of them in this process. */
export class EmbeddedGate implements FlowGate {
  readonly #topics = new Map<string, TopicFlow>();
  readonly #waiting = new Set<() => void>();

  constructor(tasks: readonly { readonly node: TaskNode }[]) {
    this.retask(tasks);
  }

  /** Other tasks run from now on: one that is new has as much before it as the one that is furthest behind. */
  retask(tasks: readonly { readonly node: TaskNode }[]): void {
    const readers = new Map<string, Set<string>>();
    for (const { node } of tasks) {
      if (node.kind === 'source') continue;
      for (const topic of node.from) readers.set(topic, (readers.get(topic) ?? new Set()).add(node.name));
    }
    for (const [topic, names] of readers) {
      const { read } = this.#flow(topic);
      const least = Math.min(...read.values());
      for (const name of names) if (!read.has(name)) read.set(name, Number.isFinite(least) ? least : 0);
    }
    for (const [topic, { read }] of this.#topics) {
      for (const name of [...read.keys()]) if (readers.get(topic)?.has(name) !== true) read.delete(name);
      if (read.size === 0) this.#topics.delete(topic);
    }
    for (const wake of [...this.#waiting]) wake();
  }

  async enter(measure: () => Load, signal: AbortSignal): Promise<void> {
    const load = measure();
    while (!signal.aborted && [...load].some(([topic, { bytes, records }]) => !this.#hasRoom(topic, records, bytes))) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#waiting.add(done);
        signal.addEventListener('abort', done, { once: true });
      });
    }
    for (const [topic, { records, bytes }] of load) {
      const flow = this.#topics.get(topic);
      if (flow === undefined) continue;
      flow.written += records;
      flow.bytes += bytes;
    }
  }

  left(reader: string, topic: string, records: number): void {
    const flow = this.#topics.get(topic);
    if (flow === undefined) return;
    flow.read.set(reader, (flow.read.get(reader) ?? 0) + records);
    for (const wake of [...this.#waiting]) wake();
  }

  /** A topic without a reader here, and an empty one, always have room. */
  #hasRoom(topic: string, records: number, bytes: number): boolean {
    const flow = this.#topics.get(topic);
    if (flow === undefined) return true;
    const inFlight = flow.written - Math.min(...flow.read.values());
    if (inFlight <= 0) return true;
    const inFlightBytes = flow.written === 0 ? 0 : (flow.bytes / flow.written) * inFlight;
    return inFlight + records <= MAX_RECORDS && inFlightBytes + bytes <= MAX_BYTES;
  }

  #flow(topic: string): TopicFlow {
    let flow = this.#topics.get(topic);
    if (flow === undefined) {
      flow = { written: 0, bytes: 0, read: new Map() };
      this.#topics.set(topic, flow);
    }
    return flow;
  }
}

/** A pipeline as the embedded broker has it: what is planned for one partition would not be together in four. */
export function asEmbedded(pipeline: Pipeline): Pipeline {
  return { ...pipeline, topics: pipeline.topics.map((topic) => ({ ...topic, partitions: EMBEDDED_PARTITIONS })) };
}
