import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';
import { eventually, pause } from './wait.ts';

/** A server that says back what it hears, and remembers it. */
let echo: Server;
let heard = '';
let proxy: FaultProxy;
let client: Socket;
let answers = '';

async function connectClient(port: number): Promise<void> {
  client = connect(port, '127.0.0.1');
  client.on('data', (chunk) => {
    answers += String(chunk);
  });
  client.on('error', () => {});
  await once(client, 'connect');
}

let proxyPort = 0;
beforeEach(async () => {
  heard = answers = '';
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard += String(chunk);
      socket.write(chunk);
    });
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = new FaultProxy({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
  proxyPort = await proxy.listen();
  await connectClient(proxyPort);
});

afterEach(async () => {
  client.destroy();
  await proxy.close();
  echo.close();
});

/** Settles when the proxy has reset the connection. */
const isClosed = (socket: Socket): Promise<boolean> => eventually(() => socket.closed, { what: 'the reset', timeout: 5_000 });

const answered = (text: string): Promise<boolean> =>
  eventually(() => answers === text, { what: `the answer ${text}`, timeout: 5_000 });

it('passes everything on', async () => {
  client.write('one');
  await answered('one');
});

it('holds everything back while it pauses, and loses nothing', async () => {
  client.write('one');
  await answered('one');
  proxy.pause();
  client.write('two');
  await pause(100);
  expect([heard, answers]).toEqual(['one', 'one']);
  proxy.heal();
  await answered('onetwo');
});

it('loses answers to requests that arrive', async () => {
  proxy.loseAnswers();
  client.write('one');
  await eventually(() => heard === 'one', { what: 'the request', timeout: 5_000 });
  proxy.heal();
  await isClosed(client);
  expect(answers).toBe('');
  await connectClient(proxyPort);
  client.write('two');
  await answered('two');
});

it('delays answers in their order', async () => {
  proxy.delayAnswers(60);
  const began = performance.now();
  client.write('one');
  await eventually(() => heard === 'one', { what: 'the request', timeout: 5_000 });
  client.write('two');
  await answered('onetwo');
  expect(performance.now() - began).toBeGreaterThan(100);
});

it('refuses connections until it heals', async () => {
  proxy.refuse();
  await isClosed(client);
  await isClosed(connect(proxyPort, '127.0.0.1').on('error', () => {}));
  proxy.heal();
  await connectClient(proxyPort);
  client.write('one');
  await answered('one');
});
