import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { runPipeline } from '../support/run-pipeline.ts';
import { Workbench } from '../support/workbench.ts';

const POD = 'shop_orders-7d4b9c-x2x8k_0b9c1f9e-53a8-4b7d-9a57-5f0a6b0d9d11';
const TIME = '2026-05-17T10:05:03.123456789Z';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.create([]);
});
afterEach(() => bench.dispose());

/** What becomes of what a container wrote, as the runtime keeps it. */
async function eventsOf(...lines: readonly string[]): Promise<readonly JsonObject[]> {
  await bench.write(`${POD}/web/0.log`, lines.map((line) => `${TIME} ${line}\n`).join(''));
  return run();
}

async function run(): Promise<readonly JsonObject[]> {
  const variables = { POD_LOGS: bench.directory };
  const { sinks, dead } = await runPipeline('kubernetes-containers.yaml', { variables, now: Date.parse('2026-05-18') });
  expect(dead).toEqual([]);
  return sinks.get('search') ?? [];
}

const common = (offset: number): JsonObject => ({
  '@timestamp': TIME,
  host: { name: 'web-1' },
  stream: 'stdout',
  log: { file: { path: bench.path(`${POD}/web/0.log`) }, offset },
  kubernetes: {
    namespace: 'shop',
    pod: { name: 'orders-7d4b9c-x2x8k', uid: '0b9c1f9e-53a8-4b7d-9a57-5f0a6b0d9d11' },
    container: { name: 'web' },
  },
});

describe('kubernetes-containers.yaml', () => {
  it('says which container wrote a line, and keeps the line', async () => {
    expect(await eventsOf('stdout F listening on :8080')).toEqual([{ ...common(0), message: 'listening on :8080' }]);
  });

  it('takes JSON apart', async () => {
    const log = { level: 'WARN', msg: 'slow', logger: 'orders', trace_id: '4bf92f35', order: { id: 42 } };
    expect(await eventsOf(`stdout F ${JSON.stringify(log)}`)).toEqual([
      {
        ...common(0),
        message: 'slow',
        log: { file: { path: bench.path(`${POD}/web/0.log`) }, offset: 0, level: 'warn', logger: 'orders' },
        trace: { id: '4bf92f35' },
        app: { level: 'WARN', logger: 'orders', trace_id: '4bf92f35', order: { id: 42 } },
      },
    ]);
  });

  it.each(['{"level":"warn", cut off', '{not json}', '["a list"]', '42'])('keeps as it is: %s', async (text) => {
    expect(await eventsOf(`stdout F ${text}`)).toEqual([{ ...common(0), message: text }]);
  });

  it('joins the pieces of a long line, and then takes it apart', async () => {
    const [event] = await eventsOf('stdout P {"message":"a long', 'stdout F  line"}');
    expect(event).toMatchObject({ message: 'a long line', kubernetes: { pod: { name: 'orders-7d4b9c-x2x8k' } } });
  });

  it('reads rotated files of all pods, but no archives and nothing of its own', async () => {
    const write = (path: string, text: string): Promise<string> => bench.write(path, `${TIME} stderr F ${text}\n`);
    await write(`${POD}/web/1.log`, 'now');
    await write(`${POD}/web/1.log.20260517-100503`, 'before');
    await write('kube-system_kube-proxy-abc_f00d/kube-proxy/0.log', 'other');
    await write(`${POD}/web/1.log.20260516-000000.gz`, 'archived');
    await write('millrace_millrace-xyz_beef/millrace/0.log', 'own');
    const events = await run();
    const seen = events.map(({ message, kubernetes }) => `${(kubernetes as JsonObject)['namespace']}: ${message}`);
    expect(seen.toSorted()).toEqual(['kube-system: other', 'shop: before', 'shop: now']);
  });
});
