import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextWith } from '../../test/support/sink-batches.ts';
import { config } from './config.ts';
import { elasticsearch } from './index.ts';

const never = new AbortController().signal;
const directory = mkdtempSync(join(tmpdir(), 'millrace-authority-'));
const servers: Server[] = [];
const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
const pem = (name: string): string => readFileSync(join(directory, name), 'utf8');

/** An authority `name.crt`, all of them of the same subject. */
function makeAuthority(name: string): void {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Authority',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.crt`,
  );
}

function makeServerCertificate(name: string, signer: string): void {
  writeFileSync(join(directory, 'ext'), 'subjectAltName=IP:127.0.0.1\n');
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=server', '-keyout', `${name}.key`, '-out', `${name}.csr`);
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-days',
    '2',
    '-out',
    `${name}.crt`,
    '-extfile',
    'ext',
    '-CA',
    `${signer}.crt`,
    '-CAkey',
    `${signer}.key`,
    '-CAcreateserial',
  );
}

/** A server that sends its certificate along with that of the authority `sent`, and takes any sign-in. */
async function serve(name: string, sent: string, options: ServerOptions = {}): Promise<string> {
  const identity = { key: pem(`${name}.key`), cert: pem(`${name}.crt`) + pem(`${sent}.crt`) };
  const server = createServer({ ...identity, ...options }, (request, response) => {
    request.resume();
    request.on('end', () =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end('{"error":{"type":"parse_exception","reason":"request body is required"},"status":400}'),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function open(nodes: string | string[], fingerprint: string): Promise<void> {
  await openWith({ nodes: [nodes].flat(), tls: { ca_fingerprint: fingerprint } });
}

async function openWith(options: Record<string, unknown>): Promise<void> {
  const sink = elasticsearch.create(config.parse({ data_stream: 'a', ...options }), contextWith());
  try {
    await sink.open(never);
  } finally {
    await sink.close();
  }
}

beforeAll(() => {
  makeAuthority('real');
  makeAuthority('forged');
  makeServerCertificate('server', 'real');
  makeServerCertificate('impostor', 'forged');
});

afterAll(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(directory, { recursive: true, force: true });
});

describe('ca_fingerprint', () => {
  it('trusts a server by the authority that it sends along, however the fingerprint is written', async () => {
    const node = await serve('server', 'real');
    const { fingerprint256 } = new X509Certificate(pem('real.crt'));
    await open(node, fingerprint256);
    await open(node, fingerprint256.replaceAll(':', '').toLowerCase());
  });

  it('refuses a server that sends the right certificate along but was not signed by it', async () => {
    const node = await serve('impostor', 'real');
    const { fingerprint256 } = new X509Certificate(pem('real.crt'));
    await expect(open(node, fingerprint256)).rejects.toMatchObject({ code: 'ES_TLS' });
  });

  it('refuses a server that does not send it', async () => {
    const node = await serve('server', 'real');
    const { fingerprint256 } = new X509Certificate(pem('forged.crt'));
    await expect(open(node, fingerprint256)).rejects.toMatchObject({
      code: 'ES_TLS',
      message: expect.stringContaining('ca_fingerprint'),
    });
  });

  it('is looked for at the next server where one is down', async () => {
    const { fingerprint256 } = new X509Certificate(pem('real.crt'));
    const nobody = 'https://127.0.0.1:9';
    await open([nobody, await serve('server', 'real')], fingerprint256);
    await expect(open(nobody, fingerprint256)).rejects.toMatchObject({ code: 'ES_UNREACHABLE' });
  });
});

describe('ca', () => {
  const ca = join(directory, 'real.crt');

  it('does not make a server trusted under a name that is not in its certificate', async () => {
    const node = await serve('server', 'real');
    await openWith({ nodes: [node], tls: { ca } });
    await expect(openWith({ nodes: [node.replace('127.0.0.1', 'localhost')], tls: { ca } })).rejects.toMatchObject({
      code: 'ES_TLS',
      message: expect.stringContaining('localhost'),
    });
  });

  it('goes with a certificate of the client where the server asks for one', async () => {
    const node = await serve('server', 'real', { ca: pem('real.crt'), requestCert: true, rejectUnauthorized: true });
    await openWith({
      nodes: [node],
      tls: { ca, certificate: join(directory, 'server.crt'), key: join(directory, 'server.key') },
    });
    await expect(openWith({ nodes: [node], tls: { ca } })).rejects.toMatchObject({
      code: expect.stringMatching(/^ES_(TLS|UNREACHABLE)$/),
    });
  });
});
