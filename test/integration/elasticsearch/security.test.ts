import { execFile } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Outcomes } from 'millrace/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts, type LocalCluster, openCluster } from '../../../src/testing/cluster/index.ts';
import { createElasticsearchSink } from '../../support/elasticsearch-sink.ts';
import { batchOf } from '../../support/sink-batches.ts';

const never = new AbortController().signal;
const password = randomBytes(12).toString('hex');
let directory: string;
let cluster: LocalCluster;
let authority: string;
let otherAuthority: string;

/** An Elasticsearch of its own, with HTTPS and passwords. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-secure-'));
  cluster = openCluster({
    directory: join(directory, 'cluster'),
    ports: await findFreePorts(),
    only: 'elasticsearch',
    security: { password },
  });
  await cluster.up();
  authority = cluster.elasticsearchAuthority as string;
  otherAuthority = join(directory, 'other.crt');
  const subject = ['-subj', '/CN=Somebody else', '-keyout', join(directory, 'other.key'), '-out', otherAuthority];
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject]);
}, 300_000);

afterAll(async () => {
  await cluster.discard();
  await rm(directory, { recursive: true, force: true });
});

/** Opens a sink, writes two records and gives their outcomes; throws what `open` or `write` throws. */
async function deliver(options: Record<string, unknown>): Promise<string[]> {
  const sink = createElasticsearchSink({
    nodes: [cluster.elasticsearchUrl],
    index: 'secured',
    username: 'elastic',
    password,
    ...options,
  });
  try {
    await sink.open(never);
    const outcomes = new Outcomes(2);
    const id = randomBytes(8).toString('hex');
    await sink.write(
      batchOf(['{"n":1}', '{"n":2}'], (i) => `${id}-${i}`),
      outcomes,
      never,
    );
    return [outcomes.of(0), outcomes.of(1)];
  } finally {
    await sink.close();
  }
}

describe('an Elasticsearch with HTTPS and passwords', () => {
  it('takes documents by the right authority and password', async () => {
    expect(await deliver({ tls: { ca: authority } })).toEqual(['delivered', 'delivered']);
  });

  it('refuses a wrong password: nothing is rejected, and the error says what to mend', async () => {
    await expect(deliver({ tls: { ca: authority }, password: 'wrong' })).rejects.toMatchObject({
      code: 'ES_UNAUTHORIZED',
      retry: 'backoff',
      message: expect.stringMatching(
        /^signing in to Elasticsearch at https:.*unable to authenticate user \[elastic\].*check username and password/,
      ),
    });
  });

  it.each([{ api_key: 'bm9ib2R5Om5vdGhpbmc=' }, { bearer_token: 'nothing' }])(
    'refuses %j that it did not give out',
    async (credentials) => {
      const options = { tls: { ca: authority }, username: undefined, password: undefined, ...credentials };
      await expect(deliver(options)).rejects.toMatchObject({ code: 'ES_UNAUTHORIZED' });
    },
  );

  it('is not trusted by another authority, nor by those of Node.js', async () => {
    for (const options of [{ tls: { ca: otherAuthority } }, {}]) {
      await expect(deliver(options)).rejects.toMatchObject({
        code: 'ES_TLS',
        retry: 'backoff',
        message: expect.stringContaining('certificate'),
      });
    }
  });

  it('says which file is missing', async () => {
    const missing = join(directory, 'no-such.pem');
    await expect(deliver({ tls: { ca: missing } })).rejects.toMatchObject({
      code: 'ES_TLS',
      message: expect.stringContaining(`reading the file ${missing}`),
    });
  });

  it('is not spoken to in plain HTTP', async () => {
    const nodes = [cluster.elasticsearchUrl.replace('https', 'http')];
    await expect(deliver({ nodes })).rejects.toMatchObject({ code: expect.stringMatching(/^ES_(UNREACHABLE|BAD_ANSWER)$/) });
  });

  it('takes documents unverified only where that is asked for', async () => {
    expect(await deliver({ tls: { insecure_skip_verify: true } })).toEqual(['delivered', 'delivered']);
  });

  it('is refused by a fingerprint of a certificate that it does not send', async () => {
    const { fingerprint256 } = new X509Certificate(await readFile(otherAuthority));
    await expect(deliver({ tls: { ca_fingerprint: fingerprint256 } })).rejects.toMatchObject({
      code: 'ES_TLS',
      message: expect.stringContaining('no certificate that the server sends has the ca_fingerprint'),
    });
  });
});
