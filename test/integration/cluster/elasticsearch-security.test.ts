import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFreePorts, type LocalCluster, openCluster } from '../../../src/testing/cluster/index.ts';
import { describeOnCluster } from '../../support/cluster.ts';

const PASSWORD = 'correct horse battery staple';

describeOnCluster('Elasticsearch with security', () => {
  let cluster: LocalCluster;

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-secure-'));
    cluster = openCluster({ directory, ports: await findFreePorts(), only: 'elasticsearch', security: { password: PASSWORD } });
    await cluster.up();
  });

  afterAll(() => cluster.discard());

  async function statusWith(auth: string, ca?: Buffer): Promise<number | undefined> {
    const asked = request(`${cluster.elasticsearchUrl}/_cluster/health`, { auth, agent: false, ...(ca && { ca }) });
    asked.end();
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    response.resume();
    return response.statusCode;
  }

  it('answers over HTTPS who trusts its authority and knows the password', async () => {
    const ca = await readFile(cluster.elasticsearchAuthority ?? '');
    expect(cluster.elasticsearchUrl).toMatch(/^https:/);
    expect(await statusWith(`elastic:${PASSWORD}`, ca)).toBe(200);
    expect(await statusWith('elastic:wrong', ca)).toBe(401);
    await expect(statusWith(`elastic:${PASSWORD}`)).rejects.toThrow('unable to verify the first certificate');
  });

  it('keeps the password over a restart', async () => {
    await cluster.down();
    await openCluster({ directory: cluster.directory, only: 'elasticsearch' }).up();
    expect(await statusWith(`elastic:${PASSWORD}`, await readFile(cluster.elasticsearchAuthority ?? ''))).toBe(200);
  });

  it('starts nothing else', async () => {
    const running = (await cluster.status()).filter(({ pid }) => pid !== undefined).map(({ name }) => name);
    expect(running).toEqual(['elasticsearch']);
  });
});
