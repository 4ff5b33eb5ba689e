import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MillraceError, reasonOf } from '../../errors/index.ts';

const run = promisify(execFile);

/** Long enough for any development cluster, short enough that nobody takes it for a real one. */
const DAYS = '365';

/** Makes an authority (`ca.crt`) and a certificate signed by it for 127.0.0.1 and localhost, where they are not there yet. */
export async function makeCertificates(directory: string): Promise<void> {
  if (existsSync(join(directory, 'server.crt'))) return;
  await mkdir(directory, { recursive: true });
  const extensions = 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n';
  await writeFile(join(directory, 'server.ext'), extensions);
  const authority = ['-x509', '-days', DAYS, '-subj', '/CN=Millrace local authority', '-keyout', 'ca.key', '-out', 'ca.crt'];
  await openssl(directory, ['req', '-newkey', 'rsa:2048', '-nodes', ...authority]);
  await openssl(directory, [
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
  ]);
  const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'server.ext'];
  await openssl(directory, ['x509', '-req', '-in', 'server.csr', '-days', DAYS, '-out', 'server.crt', ...signer]);
}

async function openssl(cwd: string, args: readonly string[]): Promise<void> {
  try {
    await run('openssl', args, { cwd });
  } catch (error) {
    throw new MillraceError('CLUSTER_OPENSSL', { reason: reasonOf(error).trim() }, { cause: error });
  }
}
