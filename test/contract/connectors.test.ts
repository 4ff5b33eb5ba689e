/** What every built-in connector promises, whatever it talks to. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchBuilder,
  type Clock,
  type Emit,
  Outcomes,
  type Sink,
  type SinkBatch,
  type SinkDefinition,
  type SourceContext,
  type SourceDefinition,
  systemClock,
} from 'millrace/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connectors } from '../../connectors/index.ts';
import { noMetrics } from '../../src/sdk/metrics.ts';

/** How long anything may take to stop, in ms: far less than the time a container is given. */
const STOP_WITHIN = 2000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

let directory: string;
/** An address where nothing listens: its server was closed. */
let deadAddress: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-contract-'));
  await writeFile(join(directory, 'a-file'), 'line 1\nline 2\n');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  deadAddress = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 1}`;
  await new Promise((resolve) => server.close(resolve));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** Options of each source with which it has something to emit, for ever. */
const sourceOptions: Readonly<Record<string, () => unknown>> = {
  file: () => ({ include: [join(directory, 'a-*')], poll_interval: '10ms' }),
  generator: () => ({}),
};

/** Options of each sink with which it can't deliver, or none where that can't be arranged here. */
const brokenSinkOptions: Readonly<Record<string, () => unknown>> = {
  console: () => undefined,
  elasticsearch: () => ({ nodes: [deadAddress], data_stream: 'logs-contract-default' }),
  ndjson: () => ({ path: join(directory, 'a-file', 'below', 'out.ndjson') }),
};

/** A clock that counts the sleeps that have not ended. */
function countingClock(): Clock & { sleeping: number } {
  const clock = {
    sleeping: 0,
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic(),
    sleep: async (ms: number, signal?: AbortSignal) => {
      clock.sleeping += 1;
      try {
        await systemClock.sleep(ms, signal);
      } finally {
        clock.sleeping -= 1;
      }
    },
  };
  return clock;
}

function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const stop = new AbortController();
  const late = systemClock.sleep(STOP_WITHIN, stop.signal).then(
    () => {
      throw new Error(`${what} took longer than ${STOP_WITHIN} ms`);
    },
    () => promise,
  );
  return Promise.race([promise.finally(() => stop.abort()), late]);
}

const definitions = [...connectors.sources, ...connectors.sinks];

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: unknown;
  readonly description?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
}

/** Every object schema in `schema`, with its path. */
function* objectsIn(schema: JsonSchema, path: string): Generator<{ path: string; schema: JsonSchema }> {
  if (schema.properties !== undefined) yield { path, schema };
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* objectsIn(property, `${path}.${name}`);
  for (const choice of [...(schema.anyOf ?? []), ...(schema.allOf ?? []), ...(schema.oneOf ?? [])])
    yield* objectsIn(choice, path);
  if (schema.items !== undefined) yield* objectsIn(schema.items, `${path}[]`);
}

describe.each(definitions)('%s: definition', (key, definition) => {
  const schema = (): JsonSchema => z.toJSONSchema(definition.config, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

  it('has its key as type, a summary and examples of itself', () => {
    expect(definition.type).toBe(key);
    expect(definition.summary).toMatch(/\.$/);
    expect(definition.examples.length).toBeGreaterThan(0);
    for (const example of definition.examples) expect(example.startsWith(`${key}:`)).toBe(true);
  });

  it('describes every option', () => {
    const objects = [...objectsIn(schema(), key)];
    expect(objects.length).toBeGreaterThan(0);
    const silent = objects.flatMap(({ path, schema: { properties = {} } }) =>
      Object.entries(properties)
        .filter(([, property]) => !property.description)
        .map(([name]) => `${path}.${name}`),
    );
    expect(silent).toEqual([]);
  });

  it('refuses unknown options, at every level', () => {
    for (const {
      path,
      schema: { additionalProperties },
    } of objectsIn(schema(), key))
      expect({ path, additionalProperties }).toEqual({ path, additionalProperties: false });
    const issues = definition.config.safeParse({ no_such_option: 1 }).error?.issues ?? [];
    expect(issues.map((issue) => issue.code)).toContain('unrecognized_keys');
  });

  it('names its main option rightly', () => {
    if (definition.main !== undefined) expect(Object.keys(schema().properties ?? {})).toContain(definition.main);
  });
});

describe.each([...connectors.sources])('%s: source', (key, definition: SourceDefinition) => {
  const create = () => definition.create(definition.config.parse(sourceOptions[key]?.()));

  function context(signal: AbortSignal, clock: Clock = systemClock): SourceContext {
    return {
      positions: new Map(),
      signal,
      once: false,
      host: 'contract',
      room: async () => undefined,
      lost() {},
      clock,
      log: quiet,
      metrics: noMetrics,
    };
  }

  it('closes before it runs, and twice', async () => {
    const source = create();
    await source.close();
    await source.close();
  });

  it('returns at once when it is aborted before it runs, and emits nothing', async () => {
    let emits = 0;
    await within(
      create().run(
        async () => {
          emits += 1;
        },
        context(AbortSignal.abort(new Error('stop'))),
      ),
      'run',
    );
    expect(emits).toBe(0);
  });

  it('stops when it is aborted, after its emits in flight have settled, and leaves no timer', async () => {
    const abort = new AbortController();
    const clock = countingClock();
    const commits: (() => void)[] = [];
    let ended = false;
    const emit: Emit = () => new Promise((resolve) => commits.push(resolve));
    const run = create()
      .run(emit, context(abort.signal, clock))
      .then(() => {
        ended = true;
      });
    await expect.poll(() => commits.length).toBeGreaterThan(0);
    abort.abort(new Error('stop'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    // An emit begun before the signal may still come.
    const committing = (async () => {
      while (!ended) {
        for (const commit of commits.splice(0)) commit();
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await within(run, 'stopping');
    await committing;
    expect(clock.sleeping).toBe(0);
  });

  it('fails when an emit fails, with the same error', async () => {
    const failure = new Error('not committed');
    await expect(
      within(
        create().run(() => Promise.reject(failure), context(new AbortController().signal)),
        'failing',
      ),
    ).rejects.toBe(failure);
  });
});

describe.each([...connectors.sinks])('%s: sink', (key, definition: SinkDefinition) => {
  const create = (options: unknown): Sink =>
    definition.create(definition.config.parse(options), {
      name: 'contract',
      pipeline: 'contract',
      host: 'contract',
      probing: false,
      metrics: noMetrics,
      clock: systemClock,
      log: quiet,
    });

  function batch(): SinkBatch {
    const builder = new BatchBuilder(['t']);
    for (const value of ['{"a":1}', 'no JSON', null]) {
      builder.begin(0, 0, 0);
      builder.value(value);
    }
    return { records: builder.batch(), id: (i) => `id-${i}` };
  }

  const any = (): unknown => brokenSinkOptions[key]?.() ?? {};

  it('is known to this suite', () => {
    expect(Object.keys(brokenSinkOptions)).toContain(key);
  });

  it('closes before it is opened, and twice', async () => {
    const sink = create(any());
    await sink.close();
    await sink.close();
  });

  it('has bounds', () => {
    expect(definition.batch.records).toBeGreaterThan(0);
    expect(definition.batch.bytes).toBeGreaterThan(0);
    expect(definition.concurrency).toBeGreaterThan(0);
  });

  it('never calls delivered what it could not deliver, and says why with a code', async () => {
    const options = brokenSinkOptions[key]?.();
    if (options === undefined) return;
    const sink = create(options);
    const { signal } = new AbortController();
    await expect(sink.open(signal)).rejects.toMatchObject({ code: expect.stringMatching(/^[A-Z]+_/) });
    const outcomes = new Outcomes(3);
    await sink.write(batch(), outcomes, signal).catch(() => undefined);
    for (let i = 0; i < 3; i += 1) {
      expect(['retry', 'rejected', 'unknown']).toContain(outcomes.of(i));
      if (outcomes.of(i) !== 'unknown') expect(outcomes.errorOf(i)?.message).toMatch(/\S/);
    }
    await sink.close();
  });

  it('stops at once when it is aborted, and calls nothing delivered', async () => {
    const sink = create(any());
    const outcomes = new Outcomes(3);
    await within(
      sink.write(batch(), outcomes, AbortSignal.abort(new Error('stop'))).catch(() => undefined),
      'writing',
    );
    expect([0, 1, 2].map((i) => outcomes.of(i))).not.toContain('delivered');
    await within(sink.close(), 'closing');
  });
});
