import { createHash } from 'node:crypto';
import { MillraceError } from '../../errors/index.ts';
import type { Kafka, OffsetLookup } from '../../kafka/types.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { isJsonObject } from '../../record/json.ts';
import type { Names } from '../../topology/names.ts';
import { shellWord } from '../../topology/reset-place.ts';
import { stagesOf } from '../../topology/stages.ts';
import type { Pipeline, StreamNode } from '../../topology/types.ts';
import { readWhole } from '../compacted-topic.ts';

const WAIT_MS = 30_000;
const KEY_PREFIX = 'state:';

/** What is known of a stream's state, beside the state. */
export interface StateEntry {
  /** How often the stream has been reset. */
  readonly generation: number;
  /** A fingerprint of what shapes the state of each step, by the step's id. */
  readonly steps: Readonly<Record<string, string>>;
  /** A reset of the stream has begun, and has not come to its end. */
  readonly resetting?: true;
}

const NEW: StateEntry = { generation: 0, steps: {} };

export interface RegistryAt {
  readonly kafka: Kafka;
  readonly lookup: OffsetLookup;
  readonly names: Names;
}

/** What the steps of the streams of all pipelines keep, as the meta topic has it: which shape, and in which life. */
export class StateRegistry {
  readonly #at: RegistryAt;
  readonly #entries = new Map<string, StateEntry>();

  constructor(at: RegistryAt) {
    this.#at = at;
  }

  async read(): Promise<void> {
    const { kafka, lookup, names } = this.#at;
    this.#entries.clear();
    await readWhole({ kafka, lookup, topic: names.meta, partition: 0 }, (batch, row) => {
      const key = batch.key(row)?.toString('utf8') ?? '';
      if (!key.startsWith(KEY_PREFIX)) return;
      const value = batch.value(row) === null ? null : batch.valueJson(row);
      if (isJsonObject(value)) this.#entries.set(key, value as unknown as StateEntry);
      else this.#entries.delete(key);
    });
  }

  /**
   * In which life a stream is. Throws STATE_INCOMPATIBLE where what is stored does not fit what the pipeline now says, and
   * RESET_UNFINISHED where a reset has left some of it.
   */
  generationOf(pipeline: Pipeline, stream: string): number {
    const { generation, steps, resetting } = this.#entryOf(pipeline.name, stream);
    if (resetting)
      throw new MillraceError('RESET_UNFINISHED', { pipeline: pipeline.name, file: shellWord(pipeline.file), stream });
    const node = pipeline.streams.find(({ name }) => name === stream);
    const now = node === undefined ? {} : this.#fingerprintsOf(node, pipeline);
    for (const [step, fingerprint] of Object.entries(steps)) {
      if (now[step] === fingerprint) continue;
      const change =
        now[step] === undefined
          ? 'is not there any more, or has another id'
          : 'has options that its state does not fit, or gets its records from elsewhere';
      throw new MillraceError('STATE_INCOMPATIBLE', {
        pipeline: pipeline.name,
        file: shellWord(pipeline.file),
        stream,
        step,
        change,
      });
    }
    return generation;
  }

  /** Notes the shapes of steps that are new, so that a later change of them shows. */
  async enter(pipelines: readonly Pipeline[]): Promise<void> {
    const outputs = new BatchBuilder([this.#at.names.meta]);
    for (const pipeline of pipelines) {
      for (const stream of pipeline.streams) {
        const { generation, steps, resetting } = this.#entryOf(pipeline.name, stream.name);
        if (resetting) continue;
        const now = this.#fingerprintsOf(stream, pipeline);
        if (Object.keys(now).every((step) => steps[step] !== undefined)) continue;
        // A stream that is not to start must not leave anything behind: changed back, it is to start again.
        if (Object.entries(steps).some(([step, fingerprint]) => now[step] !== fingerprint)) continue;
        this.#put(outputs, keyOf(pipeline.name, stream.name), { generation, steps: { ...now, ...steps } });
      }
    }
    await this.#write(outputs);
  }

  /**
   * Begins a new life of streams: nothing is stored of them, and their results replace those of the old. Until `endReset` they do
   * not start. A reset that is begun again goes on.
   */
  async beginReset(pipeline: string, streams: readonly string[]): Promise<void> {
    await this.#renew(pipeline, streams, ({ generation, resetting }) => ({
      generation: resetting ? generation : generation + 1,
      steps: {},
      resetting: true,
    }));
  }

  /** Everything of the streams' old life has gone. */
  async endReset(pipeline: string, streams: readonly string[]): Promise<void> {
    await this.#renew(pipeline, streams, ({ generation }) => ({ generation, steps: {} }));
  }

  async #renew(pipeline: string, streams: readonly string[], renewed: (entry: StateEntry) => StateEntry): Promise<void> {
    const outputs = new BatchBuilder([this.#at.names.meta]);
    for (const stream of streams) this.#put(outputs, keyOf(pipeline, stream), renewed(this.#entryOf(pipeline, stream)));
    await this.#write(outputs);
  }

  /**
   * By step id, a hash of what the form of its state depends on: its options, and where it is kept, which is another topic once
   * records are brought together for it elsewhere (the pipeline says otherwise what a topic is partitioned by).
   */
  #fingerprintsOf(stream: StreamNode, pipeline: Pipeline): Record<string, string> {
    const shapes = new Map<string, unknown[]>();
    for (const { changelog, elements } of stagesOf(stream, pipeline, this.#at.names)) {
      for (const element of elements) {
        if (element.kind !== 'operator') continue;
        const { step, part } = element;
        const shape = shapes.get(step.id) ?? [step.definition.kind, step.definition.state.fingerprint(step.options)];
        shapes.set(step.id, [...shape, changelog, part]);
      }
    }
    const hashed = [...shapes].map(([id, shape]) => {
      const hash = createHash('sha256').update(JSON.stringify(shape)).digest('base64url');
      return [id, hash.slice(0, 22)] as const;
    });
    return Object.fromEntries(hashed);
  }

  #entryOf(pipeline: string, stream: string): StateEntry {
    return this.#entries.get(keyOf(pipeline, stream)) ?? NEW;
  }

  #put(outputs: BatchBuilder, key: string, entry: StateEntry): void {
    outputs.begin(0, 0, -1);
    outputs.key(key);
    outputs.value(JSON.stringify(entry));
    this.#entries.set(key, entry);
  }

  async #write(outputs: BatchBuilder): Promise<void> {
    if (outputs.length === 0) return;
    const producer = this.#at.kafka.producer({});
    try {
      await producer.connect();
      await producer.write(outputs.batch());
      await producer.flush(WAIT_MS);
    } finally {
      await producer.close();
    }
  }
}

function keyOf(pipeline: string, stream: string): string {
  return `${KEY_PREFIX}${pipeline}/${stream}`;
}
