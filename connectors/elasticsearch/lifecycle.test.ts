import { Outcomes, type Sink, type SinkBatch } from 'millrace/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createElasticsearchSink } from '../../test/support/elasticsearch-sink.ts';
import { allCreated, FakeElasticsearch, json } from '../../test/support/fake-elasticsearch.ts';
import { batchOf } from '../../test/support/sink-batches.ts';

const never = new AbortController().signal;
let server: FakeElasticsearch;
let close: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await new FakeElasticsearch().listen();
});

afterEach(async () => {
  await Promise.all(close.map((end) => end()));
  close = [];
  await server.close();
});

function sinkWith(options: Record<string, unknown> = {}): Sink {
  const sink = createElasticsearchSink({ nodes: [server.url], data_stream: 'logs-a', ...options });
  close.push(() => sink.close());
  return sink;
}

async function deliver(batch: SinkBatch, options: Record<string, unknown> = {}, signal = never): Promise<Outcomes> {
  const sink = sinkWith(options);
  await sink.open(never);
  const outcomes = new Outcomes(batch.records.length);
  await sink.write(batch, outcomes, signal);
  return outcomes;
}

const all = (outcomes: Outcomes): string[] => Array.from({ length: outcomes.length }, (_, i) => outcomes.of(i));
const two = (): SinkBatch => batchOf(['{"a":1}', '{"b":2}']);

describe('time', () => {
  it('ends a request without an answer at request_timeout', async () => {
    server.answers = [() => {}];
    await expect(deliver(two(), { request_timeout: '300ms' })).rejects.toMatchObject({
      code: 'ES_TIMEOUT',
      message: expect.stringContaining('no answer within 0.3 s'),
    });
  });

  it('ends a request by the signal, with its reason', async () => {
    server.answers = [() => {}];
    const ending = new AbortController();
    const sink = sinkWith();
    await sink.open(never);
    const ended = expect(sink.write(two(), new Outcomes(2), ending.signal)).rejects.toThrow('the task ends');
    await server.received(1);
    ending.abort(new Error('the task ends'));
    await ended;
    await expect(sink.write(two(), new Outcomes(2), ending.signal)).rejects.toThrow('the task ends');
  });
});

describe('open and close', () => {
  it('says that nobody is at the address', async () => {
    const { url } = server;
    await server.close();
    server = await new FakeElasticsearch().listen();
    await expect(sinkWith({ nodes: [url] }).open(never)).rejects.toMatchObject({
      code: 'ES_UNREACHABLE',
      message: `connecting to Elasticsearch at ${url}: connect ECONNREFUSED ${url.slice(7)}; check that it runs and that nodes holds its address`,
    });
  });

  it('does not depend on a node that is down while another is up', async () => {
    const sink = sinkWith({ nodes: ['http://127.0.0.1:9', server.url] });
    await sink.open(never);
    for (let round = 0; round < 4; round += 1) {
      const outcomes = new Outcomes(2);
      await sink.write(two(), outcomes, never);
      expect(all(outcomes)).toEqual(['delivered', 'delivered']);
    }
  });

  it('says that the password is wrong, without the password', async () => {
    server.onSignIn = json(401, {
      error: { type: 'security_exception', reason: 'unable to authenticate user [u] for REST request [/_bulk]' },
      status: 401,
    });
    const opening = sinkWith({ username: 'u', password: 'hunter2' }).open(never);
    await expect(opening).rejects.toMatchObject({
      code: 'ES_UNAUTHORIZED',
      message: expect.stringContaining('unable to authenticate user [u]'),
    });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
  });

  it('can be closed before open, twice, while opening and while writing, and be opened again', async () => {
    const sink = sinkWith();
    await sink.close();
    await sink.open(never);
    server.answers = [() => {}, allCreated];
    const closed = { code: 'ES_UNREACHABLE', message: expect.stringContaining('the sink is closed') };
    const ended = expect(sink.write(two(), new Outcomes(2), never)).rejects.toMatchObject(closed);
    await server.received(1);
    await Promise.all([sink.close(), sink.close(), ended]);
    await Promise.all([expect(sink.open(never)).rejects.toMatchObject(closed), sink.close()]);
    await sink.open(never);
    const outcomes = new Outcomes(2);
    await sink.write(two(), outcomes, never);
    expect(all(outcomes)).toEqual(['delivered', 'delivered']);
  });

  it('probes, and shows what it may ask for', async () => {
    const sink = sinkWith();
    await sink.open(never);
    expect(await sink.probe?.(never)).toBe('answers');
  });
});
