import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics } from '../telemetry/metrics.ts';
import { ComponentStats } from '../telemetry/stats.ts';
import { type ApiServer, startApi } from './server.ts';

const servers: ApiServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(): Promise<{
  get: (path: string) => Promise<Response>;
  stats: ComponentStats;
  view: { started: boolean; looks: number };
  address: string;
}> {
  const stats = new ComponentStats({ pipeline: 'p', component: 'c', kind: 'stream' });
  const view = {
    stats: [stats],
    started: true,
    looks: 0,
    refreshLag: async (): Promise<void> => {
      view.looks += 1;
    },
  };
  const server = await startApi(
    view,
    createMetrics(() => [stats]),
    { host: '127.0.0.1', port: 0 },
  );
  servers.push(server);
  return { get: (path) => fetch(`http://${server.address}${path}`), stats, view, address: server.address };
}

describe('the admin server', () => {
  it('tells the port that it got', async () => {
    expect((await start()).address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
  });

  it('is healthy until a task has failed for good, and says which and why', async () => {
    const { get, stats } = await start();
    stats.state = 'retrying';
    expect((await get('/healthz')).status).toBe(200);
    stats.state = 'failed';
    stats.reason = 'the offset is gone';
    const answer = await get('/healthz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      status: 'failed',
      components: [{ pipeline: 'p', component: 'c', kind: 'stream', state: 'failed', reason: 'the offset is gone' }],
    });
  });

  it.each([
    ['starting', true, 503],
    ['running', false, 503],
    ['running', true, 200],
    ['finished', true, 200],
    ['retrying', true, 503],
    ['failed', true, 503],
    ['stopped', true, 503],
  ] as const)('is ready where the task is %s and the start is done (%s): %i', async (state, started, status) => {
    const { get, stats, view } = await start();
    stats.state = state;
    view.started = started;
    expect((await get('/readyz')).status).toBe(status);
  });

  it('looks at the lag before it shows the metrics', async () => {
    const { get, view } = await start();
    const answer = await get('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('millrace_component_state');
    expect(view.looks).toBe(1);
  });

  it('says which address cannot be had, and how to choose another', async () => {
    const { address } = await start();
    const port = Number(address.split(':')[1]);
    const view = { stats: [], started: true, refreshLag: () => Promise.resolve() };
    await expect(
      startApi(
        view,
        createMetrics(() => []),
        { host: '127.0.0.1', port },
      ),
    ).rejects.toThrow(/serving health and metrics on 127\.0\.0\.1:\d+: .*EADDRINUSE.*admin\.port/);
  });
});
