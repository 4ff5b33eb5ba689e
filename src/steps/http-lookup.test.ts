import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { recordOf } from '../../test/support/join-driver.ts';
import { bindAll, stepContext } from '../../test/support/run-step.ts';
import { eventually } from '../../test/support/wait.ts';
import { bindOption, defaultScope } from '../expression/index.ts';
import type { JsonObject } from '../record/json.ts';
import type { AsyncRecordStep } from '../sdk/async-step.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { httpLookup } from './http-lookup.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, asked: number) => void;

const servers: Server[] = [];

const until = (condition: () => boolean | Promise<boolean>): Promise<boolean> =>
  eventually(condition, { what: 'the condition', interval: 2 });

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A server, with what it was asked and how many requests were under way at once at most. */
async function serve(handler: Handler) {
  const seen = { asked: [] as string[], open: 0, most: 0, sockets: new Set<unknown>() };
  const server = createServer((request, response) => {
    seen.asked.push(request.url ?? '');
    seen.sockets.add(request.socket);
    seen.open += 1;
    seen.most = Math.max(seen.most, seen.open);
    response.on('close', () => {
      seen.open -= 1;
    });
    handler(request, response, seen.asked.length);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const json =
  (value: unknown, status = 200): Handler =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

function lookup(options: object, clock = new VirtualClock()): AsyncRecordStep {
  const read = httpLookup.options.parse({ into: 'customer', ...options });
  bindAll(read, (option) => expect(bindOption(option, defaultScope)).toEqual([]));
  return httpLookup.createAsync(read, stepContext('http_lookup', { clock }));
}

const rows = (values: readonly JsonObject[]) =>
  values.map((value, n) => recordOf({ side: 'main', partition: 0, time: 0, value }, n));
const never = new AbortController().signal;

describe('http_lookup', () => {
  it('puts the answer into each record, asking once for all that ask the same, and keeps it', async () => {
    const { seen, url } = await serve((request, response, n) => json({ path: request.url })(request, response, n));
    const step = lookup({ url: `${url}/c/{{ id }}` });
    const records = rows([{ id: 'a' }, { id: 'b' }, { id: 'a' }]);
    expect(await step.process(records, never)).toEqual([undefined, undefined, undefined]);
    expect(records.map(({ value }) => value['customer'])).toEqual([{ path: '/c/a' }, { path: '/c/b' }, { path: '/c/a' }]);
    (records[0]?.value['customer'] as JsonObject)['path'] = 'changed';
    const again = rows([{ id: 'a' }]);
    await step.process(again, never);
    expect(again[0]?.value['customer']).toEqual({ path: '/c/a' });
    expect(records[2]?.value['customer']).toEqual({ path: '/c/a' });
    expect(seen.asked.sort()).toEqual(['/c/a', '/c/b']);
  });

  it('keeps what a record holds within its place in the address', async () => {
    const { seen, url } = await serve(json({}));
    const step = lookup({ url: `${url}/c/{{ id }}?q={{ q }}`, on_miss: 'reject' });
    const records = rows([
      { id: '../admin?x=1#', q: 'ä&b=c' },
      { id: '..', q: 1 },
      { id: '', q: 1 },
      { q: 1 },
      { id: '\ud800', q: 1 },
    ]);
    const outcomes = await step.process(records, never);
    expect(outcomes.map((outcome) => outcome?.kind)).toEqual([undefined, 'rejected', 'rejected', 'rejected', 'rejected']);
    expect(outcomes[1]).toMatchObject({ code: 'HTTP_LOOKUP_MISSED', message: expect.stringContaining('/c/{{ id }}:') as string });
    expect(seen.asked).toEqual(['/c/..%2Fadmin%3Fx%3D1%23?q=%C3%A4%26b%3Dc']);
  });

  it('has no more requests under way than it may, and uses connections again', async () => {
    const waiting: ServerResponse[] = [];
    const { seen, url } = await serve((_, response) => void waiting.push(response));
    const work = lookup({ url: `${url}/{{ n }}`, concurrency: 3 }).process(
      rows(Array.from({ length: 40 }, (_, n) => ({ n }))),
      never,
    );
    for (let answered = 0; answered < 40; answered += 1) {
      await until(() => waiting.length > 0);
      if (answered === 0) await until(() => seen.open === 3);
      waiting.shift()?.end('1');
    }
    expect(await work).toHaveLength(40);
    expect(seen.most).toBe(3);
    expect(seen.sockets.size).toBeLessThan(20);
  });

  it('asks again for as long as it may where the reason may pass', async () => {
    const clock = new VirtualClock();
    const { seen, url } = await serve((request, response, n) => {
      if (n === 1) request.socket.destroy();
      else if (n === 2) response.writeHead(503).end('away');
      else if (n === 3) response.writeHead(429, { 'retry-after': '7' }).end();
      else json({ n })(request, response, n);
    });
    const records = rows([{ id: 1 }]);
    const work = lookup({ url: `${url}/{{ id }}`, timeout: '1d', retry_for: '1h' }, clock).process(records, never);
    for (const asked of [2, 3]) {
      await until(async () => {
        await clock.advance(100);
        return seen.asked.length === asked;
      });
    }
    const told = clock.monotonic();
    await until(async () => {
      await clock.advance(100);
      return seen.asked.length === 4;
    });
    expect(clock.monotonic() - told).toBeGreaterThanOrEqual(6_900);
    expect(await work).toEqual([undefined]);
    expect(records[0]?.value['customer']).toEqual({ n: 4 });
  });

  it('rejects what cannot be had, with the reason, and does not remember it', async () => {
    const clock = new VirtualClock();
    const { seen, url } = await serve((_, response) => void response.writeHead(500).end());
    const step = lookup({ url: `${url}/c/{{ id }}?key=hidden`, retry_for: '20s', timeout: '1d' }, clock);
    for (const round of [1, 2]) {
      let outcomes: unknown;
      const before = seen.asked.length;
      step.process(rows([{ id: 1 }]), never).then(
        (settled) => {
          outcomes = settled;
        },
        () => {},
      );
      await until(async () => {
        if (seen.open === 0) await clock.advance(200);
        return outcomes !== undefined;
      });
      const message = expect.stringMatching(/^looking up http:\/\/[\d.:]+\/c\/1: status 500; tried \d+ times in 20 s/) as string;
      expect(outcomes, `round ${round}`).toEqual([{ kind: 'rejected', code: 'HTTP_LOOKUP_FAILED', message }]);
      expect(seen.asked.length - before).toBeGreaterThan(2);
    }
  });

  it('gives a server up that takes too long, also in the middle of its answer', async () => {
    const clock = new VirtualClock();
    const { seen, url } = await serve((_, response, n) => {
      if (n > 1) response.writeHead(200).write('{"half":');
    });
    let outcomes: unknown;
    const work = lookup({ url: `${url}/{{ id }}`, timeout: '2s', retry_for: '3s' }, clock).process(rows([{ id: 1 }]), never);
    work.then(
      (settled) => {
        outcomes = settled;
      },
      () => {},
    );
    await until(async () => {
      await clock.advance(500);
      return outcomes !== undefined;
    });
    expect(seen.asked.length).toBe(2);
    expect(outcomes).toMatchObject([
      { code: 'HTTP_LOOKUP_FAILED', message: expect.stringContaining('no answer in 2000 ms') as string },
    ]);
  });

  it.each<[string, Handler, string]>([
    ['garbage', (_, response) => void response.end('<html>'), 'no JSON'],
    ['bytes that are no text', (_, response) => void response.end(Buffer.from([0x22, 0xff, 0x22])), 'no JSON'],
    ['a body without an end', (_, response) => endless(response), 'longer than 1000000 bytes'],
    ['a small body that unpacks to a huge one', (_, response) => bomb(response), 'longer than 1000000 bytes'],
    [
      'a redirect',
      (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end(),
      'redirect, which is not followed',
    ],
    ['a refusal', (_, response) => void response.writeHead(403).end('no'), 'status 403'],
  ])('rejects %s at once', async (_, handler, reason) => {
    const { seen, url } = await serve(handler);
    const outcomes = await lookup({ url: `${url}/{{ id }}` }).process(rows([{ id: 1 }]), never);
    expect(outcomes).toMatchObject([{ code: 'HTTP_LOOKUP_FAILED', message: expect.stringContaining(reason) as string }]);
    expect(seen.asked).toHaveLength(1);
    await until(() => seen.open === 0);
  });

  it.each<[string, Handler]>([
    ['404', json({ error: 'none' }, 404)],
    ['204', (_, response) => void response.writeHead(204).end()],
    ['an empty answer', (_, response) => void response.end()],
  ])('takes %s for nothing there, which it remembers for a shorter time', async (_, handler) => {
    const clock = new VirtualClock();
    const { seen, url } = await serve(handler);
    const step = lookup({ url: `${url}/{{ id }}`, cache: { ttl: '10m', negative_ttl: '10s' } }, clock);
    const records = rows([{ id: 1 }]);
    expect(await step.process(records, never)).toEqual([undefined]);
    expect(records[0]?.value).toEqual({ id: 1 });
    await step.process(rows([{ id: 1 }]), never);
    expect(seen.asked).toHaveLength(1);
    await clock.advance(10_000);
    await step.process(rows([{ id: 1 }]), never);
    expect(seen.asked).toHaveLength(2);
    const strict = lookup({ url: `${url}/{{ id }}`, on_miss: 'reject' });
    expect(await strict.process(rows([{ id: 1 }]), never)).toMatchObject([{ code: 'HTTP_LOOKUP_MISSED' }]);
  });

  it('forgets the answer that was not used for longest, and all after their time', async () => {
    const clock = new VirtualClock();
    const { seen, url } = await serve((request, response, n) => json(request.url)(request, response, n));
    const step = lookup({ url: `${url}/{{ id }}`, cache: { size: 2, ttl: '1m' } }, clock);
    for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await step.process(rows([{ id }]), never);
    expect(seen.asked).toEqual(['/a', '/b', '/c', '/b']);
    await clock.advance(60_000);
    await step.process(rows([{ id: 'b' }]), never);
    expect(seen.asked).toHaveLength(5);
  });

  it('sends headers and a body', async () => {
    const { url } = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () =>
        response.end(JSON.stringify({ body, key: request.headers['x-key'], type: request.headers['content-type'] })),
      );
    });
    const records = rows([{ card: { n: 1 } }]);
    const step = lookup({ url: `${url}/score`, method: 'POST', body: '{{ card }}', headers: { 'X-Key': 'secret' } });
    await step.process(records, never);
    expect(records[0]?.value['customer']).toEqual({ body: '{"n":1}', key: 'secret', type: 'application/json' });
  });

  it('ends at once, with nothing under way, when it is told to', async () => {
    const { seen, url } = await serve(() => {});
    const ending = new AbortController();
    const work = lookup({ url: `${url}/{{ n }}`, concurrency: 2 }).process(rows([{ n: 1 }, { n: 2 }, { n: 3 }]), ending.signal);
    await until(() => seen.open === 2);
    ending.abort(new Error('stopping'));
    await expect(work).rejects.toThrow('stopping');
    await until(() => seen.open === 0);
    expect(seen.asked).toHaveLength(2);
  });

  it.each([
    ['{{ host }}/x', {}],
    ['http://{{ host }}/x', {}],
    ['http://me:secret@host/x', {}],
    ['ftp://host/x', {}],
    ['http://host/x', { body: 'x' }],
    ['http://host/x', { headers: { 'bad name': 'x' } }],
    ['http://host/x', { headers: { ok: 'a\nb' } }],
  ])('refuses the address %s with %j', (url, more) => {
    expect(httpLookup.options.safeParse({ url, into: 'x', ...more }).success).toBe(false);
  });
});

function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(100_000, 0x20);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

function bomb(response: ServerResponse): void {
  response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000, 0x20)));
}
