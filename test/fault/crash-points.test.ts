import { afterEach, expect, it, onTestFailed } from 'vitest';
import type { FaultPoint } from '../../src/runtime/fault-points.ts';
import { clusterAddress, describeOnCluster } from '../support/cluster.ts';
import { readCommitted } from '../support/foreign-reader.ts';
import { EXACT, Tally } from '../support/numbered-lines.ts';
import { killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';
import { pause } from '../support/wait.ts';

type Part = 'source' | 'stream' | 'sink';

/** Each point is hit at its nth pass, for each n of the list. Passes count per process. */
const PASSES = [1, 2, 5];
const POINTS: Readonly<Record<Part, readonly FaultPoint[]>> = {
  source: ['after_produce', 'after_send_offsets', 'after_commit'],
  stream: ['after_produce', 'after_send_offsets', 'after_commit'],
  // A sink has a transaction where it has dead letters: these lines see to some in every batch.
  sink: ['after_delivery', 'after_produce', 'after_send_offsets', 'after_commit'],
};
const REJECTING = `    steps:
      - timestamp: url.query
        when: http.response.status_code >= 500
`;
const LINES_A_WRITE = 100;
const WRITE_EVERY_MS = 100;

describeOnCluster('a process that is killed', () => {
  afterEach(killAllProcesses);

  it('right after producing, sending offsets, committing or delivering, three times each, loses and doubles nothing', async () => {
    const shipment = await Shipment.create('crash', { sink: REJECTING, settings: ['kafka.session_timeout=6s'] });
    const seen: MillraceProcess[] = [];
    onTestFailed(() => showOutput(seen.slice(-6)));
    const start = (part: Part, crashAt?: string): MillraceProcess => {
      const started = shipment.start({
        files: [shipment.parts[part]],
        data: part,
        ...(crashAt === undefined ? {} : { crashAt }),
      });
      seen.push(started);
      return started;
    };
    /** Lets a process crash at each of its part's points, one after the other, and leaves one running that does not. */
    const crash = async (part: Part): Promise<MillraceProcess> => {
      for (const crashAt of POINTS[part].flatMap((point) => PASSES.map((n) => `${point}:${n}`))) {
        const { signal } = await start(part, crashAt).ended;
        expect(signal, `how the ${part} ended at ${crashAt}`).toBe('SIGKILL');
      }
      return start(part);
    };
    const stop = new AbortController();
    const writing = (async () => {
      while (!stop.signal.aborted) {
        await shipment.logs.write(LINES_A_WRITE);
        await pause(WRITE_EVERY_MS);
      }
    })();
    const survivors = await Promise.all([crash('source'), crash('stream'), crash('sink')]).finally(() => stop.abort());
    await writing;

    const rejected = Array.from({ length: shipment.logs.written }, (_, n) => n).filter((n) => n % 50 === 0).length;
    await shipment.delivered(shipment.logs.written - rejected);
    for (const survivor of survivors) expect((await survivor.stop()).code).toBe(0);
    await shipment.expectExact(['raw', 'events']);
    const all = new Tally(shipment.logs.written);
    await shipment.collect('documents', all);
    const dead = await readCommitted(clusterAddress().brokers, `${shipment.name}.shipment.dead`);
    expect(dead).toHaveLength(rejected);
    for (const { value } of dead) all.add((JSON.parse(String(value)) as { event: { original: string } }).event.original);
    expect(all.report()).toEqual(EXACT);
    await shipment.dispose();
  }, 420_000);
});
