import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { fetchMetadata } from './metadata.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A broker that answers any request with these bytes, in two pieces. */
async function brokerThatAnswers(answer: Buffer): Promise<number> {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(answer.subarray(0, 7));
      setImmediate(() => socket.end(answer.subarray(7)));
    });
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => void bytes.writeInt32BE(value, 4 * index));
  return bytes;
}

const string = (text: string): Buffer => Buffer.concat([int16(text.length), Buffer.from(text)]);

it('reads brokers, controller and partitions', async () => {
  const broker = (id: number): Buffer => Buffer.concat([int32(id), string('127.0.0.1'), int32(9091 + id), int16(-1)]);
  const partition = Buffer.concat([int16(0), int32(0, 2), int32(3, 1, 2, 3), int32(2, 2, 3)]);
  const topic = Buffer.concat([int16(0), string('logs'), Buffer.from([0]), int32(1), partition]);
  const body = Buffer.concat([int32(1), int32(2), broker(1), broker(2), int32(2), int32(1), topic]);
  const port = await brokerThatAnswers(Buffer.concat([int32(body.length), body]));
  expect(await fetchMetadata(port)).toEqual({
    brokers: [1, 2],
    controller: 2,
    partitions: [{ topic: 'logs', partition: 0, leader: 2, replicas: [1, 2, 3], inSync: [2, 3] }],
  });
});

it('says that a broker hung up', async () => {
  const port = await brokerThatAnswers(Buffer.alloc(0));
  await expect(fetchMetadata(port)).rejects.toThrow(`the broker on port ${port} closed the connection`);
});
