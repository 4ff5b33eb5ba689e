import fastify from 'fastify';
import type { Registry } from 'prom-client';
import { MillraceError, reasonOf } from '../errors/index.ts';
import type { ComponentStats } from '../telemetry/stats.ts';

/** What the server shows of a running process. */
export interface RunView {
  readonly stats: readonly ComponentStats[];
  /** Whether topics are there and tasks have been started. */
  readonly started: boolean;
  refreshLag(): Promise<void>;
}

export interface ApiServer {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (this process works; no task has failed for good), `/readyz` (every task is running) and `/metrics`
 * (Prometheus). Throws ADMIN_ADDRESS where the address cannot be had.
 */
export async function startApi(view: RunView, metrics: Registry, at: { host: string; port: number }): Promise<ApiServer> {
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.get('/healthz', (_request, reply) => {
    const healthy = view.stats.every(({ state }) => state !== 'failed');
    return reply.code(healthy ? 200 : 503).send({ status: healthy ? 'ok' : 'failed', components: view.stats.map(describe) });
  });
  server.get('/readyz', (_request, reply) => {
    const ready = view.started && view.stats.every(({ state }) => state === 'running' || state === 'finished');
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', components: view.stats.map(describe) });
  });
  server.get('/metrics', async (_request, reply) => {
    await view.refreshLag();
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
  const address = `${at.host}:${at.port}`;
  try {
    // With port 0 the system chooses one.
    const url = await server.listen(at);
    return { address: new URL(url).host, close: () => server.close() };
  } catch (error) {
    throw new MillraceError('ADMIN_ADDRESS', { address, reason: reasonOf(error) }, { cause: error });
  }
}

function describe({ pipeline, component, kind, state, reason }: ComponentStats): Record<string, string> {
  return { pipeline, component, kind, state, ...(reason === '' ? {} : { reason }) };
}
