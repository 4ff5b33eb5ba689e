import type { JsonValue } from '../record/json.ts';
import { parseDuration } from '../sdk/schema.ts';
import { loadForTests } from './load-for-tests.ts';
import type { DeadLetter } from './pipeline/dead-letters.ts';
import type { MockedReply } from './pipeline/mocked-http.ts';
import { PipelineRun } from './pipeline/pipeline-run.ts';
import type { TopicRecord } from './pipeline/topic-records.ts';

export interface PipelineTestOptions {
  /** Variables of the pipeline file; there are no others. */
  readonly environment?: Readonly<Record<string, string>>;
  /** When it begins: a time with its zone, or ms since 1970; default 2026-01-01T00:00:00Z. */
  readonly now?: string | number;
  /** One partition for every topic (the default), or as many as the pipeline declares. */
  readonly partitions?: 'one' | 'declared';
  /** Answers to requests of steps; without one a request fails. */
  readonly http?: readonly MockedReply[];
  /** How the destinations of sinks answer, by the sink's name, request by request; then they take everything. */
  readonly replies?: Readonly<Record<string, readonly JsonValue[]>>;
}

/** What a source is to read: lines, or bytes as they are. */
export interface GivenInput {
  /** Which input, such as the path of a file; default: the first that the source's options name. */
  readonly path?: string;
  readonly lines?: readonly string[];
  readonly bytes?: Uint8Array | string;
}

/** A record for a topic. */
export interface GivenTopicRecord {
  readonly key?: string;
  /** Written as JSON; null is a tombstone. */
  readonly value?: JsonValue;
  /** The value as a text, which need not be JSON. */
  readonly text?: string;
  /** The Kafka timestamp: a time with its zone, or ms since 1970; default now. Event time where the value has no `@timestamp`. */
  readonly at?: string | number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Starts a pipeline file in memory: its real tasks, on a clock that only moves when it is told to, reaching nothing outside. Rejects
 * with all that is wrong with the file.
 *
 *     const run = await testPipeline('pipelines/access.yaml', { now: '2026-05-17T08:00:00Z' });
 *     await run.feed('access', { lines: ['10.1.2.3 - - [17/May/2026:08:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"'] });
 *     expect(run.values('access.events')).toMatchObject([{ url: { path: '/' } }]);
 *     await run.stop();
 */
export async function testPipeline(file: string, options: PipelineTestOptions = {}): Promise<PipelineTest> {
  const { environment = {}, now = DEFAULT_NOW, ...more } = options;
  const pipeline = await loadForTests(file, environment);
  return new PipelineTest(await PipelineRun.start(pipeline, { now: msOf(now), ...more }));
}

const DEFAULT_NOW = Date.UTC(2026, 0, 1);

/** A pipeline at work in memory: see {@link testPipeline}. What is given to it has come through when the promise settles. */
export class PipelineTest {
  readonly #run: PipelineRun;

  constructor(run: PipelineRun) {
    this.#run = run;
  }

  /** The time that it is, in ms since 1970. */
  get now(): number {
    return this.#run.now;
  }

  /** Lets a source read what is given, to its end; a source that takes nothing of others, such as `generator`, runs as it is. */
  async feed(source: string, { path, lines, bytes }: GivenInput = {}): Promise<void> {
    const given = bytes ?? lines?.map((line) => `${line}\n`).join('');
    if (given === undefined) return this.#run.feed(source);
    await this.#run.feed(source, {
      ...(path === undefined ? {} : { path }),
      bytes: typeof given === 'string' ? Buffer.from(given) : given,
    });
  }

  /** Puts records into a topic, whatever writes it otherwise. */
  async produce(topic: string, ...records: readonly GivenTopicRecord[]): Promise<void> {
    await this.#run.produce(
      topic,
      records.map(({ at, ...record }) => (at === undefined ? record : { ...record, time: msOf(at) })),
    );
  }

  /** Moves the clock on, by ms or a span with its unit (`1m`), with everything that is due on the way. */
  async advance(span: string | number): Promise<void> {
    const ms = typeof span === 'number' ? span : parseDuration(span);
    if (ms === undefined)
      throw new Error(`${JSON.stringify(span)} is no duration; write a number and a unit: 500ms, 10s, 5m, 1h, 7d`);
    await this.#run.advance(ms);
  }

  /** The records of a topic. */
  topic(name: string): readonly TopicRecord[] {
    return this.#run.topic(name);
  }

  /** Their values alone. */
  values(topic: string): readonly JsonValue[] {
    return this.#run.topic(topic).map(({ value }) => value);
  }

  /** What the destination of a sink was sent: see the guide to testing. */
  sink(name: string): readonly JsonValue[] {
    return this.#run.sink(name);
  }

  deadLetters(): readonly DeadLetter[] {
    return this.#run.deadLetters();
  }

  /** What tasks and steps have counted: `streams.parse.dropped`, `streams.rates.window-1.late_dropped`. */
  metrics(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#run.metrics());
  }

  /** What should not be: tasks that have stopped, records that got stuck, requests without a mock. A test does well to expect none. */
  problems(): readonly string[] {
    return this.#run.problems();
  }

  /** Ends it, and removes what it has left. Idempotent. */
  async stop(): Promise<void> {
    await this.#run.stop();
  }
}

function msOf(time: string | number): number {
  const ms = typeof time === 'number' ? time : Date.parse(time);
  if (Number.isNaN(ms)) throw new Error(`${JSON.stringify(time)} is no time; write 2026-05-17T08:00:00Z`);
  return ms;
}
