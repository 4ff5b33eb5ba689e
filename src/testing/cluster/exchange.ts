import { createConnection } from 'node:net';

/** How long a health check waits for an answer: a server that is stopped accepts connections and says nothing. */
const ANSWER_MS = 5_000;

/**
 * Sends bytes to a server on this machine and gives back what it answers: all until `isComplete` says that it is whole, or
 * until the server closes the connection.
 */
export function exchange(port: number, request: Uint8Array, isComplete: (answer: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer on port ${port} within ${ANSWER_MS / 1000} s`)));
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (!isComplete(Buffer.concat(chunks))) return;
      socket.destroy();
      resolve(Buffer.concat(chunks));
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(Buffer.concat(chunks)));
  });
}
