import { afterEach, expect, it, onTestFailed } from 'vitest';
import { clusterAddress, describeOnCluster } from '../support/cluster.ts';
import { streamTopic } from '../support/foreign-reader.ts';
import { EXACT, Tally } from '../support/numbered-lines.ts';
import { killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';
import { FULL } from './full.ts';
import { seeded } from './random.ts';

const LINES = FULL ? 3_000_000 : 600_000;
const LINES_A_WRITE = 100_000;
/**
 * Passes of a point at which a process kills itself: where several micro-batches share a transaction, each of them is a pass. What a
 * process finds is at least two micro-batches and a part, and may all be in one transaction.
 */
const CRASHES = ['after_produce:2', 'after_commit:1', 'after_produce:3', 'after_produce:1', 'after_commit:1', 'after_produce:2'];
/** More are killed from outside, so long at most (ms) after they have begun to commit. */
const KILLS = FULL ? 8 : 3;
const LATEST_KILL_MS = 600;
const NUMBER = /GET \/n\/(\d+)\?/;

describeOnCluster('a source that reads a backlog as fast as it can', () => {
  afterEach(killAllProcesses);

  it('and is killed again and again loses and doubles nothing, and keeps the order of each file', async () => {
    const shipment = await Shipment.create('backlog', { settings: ['kafka.session_timeout=6s'] });
    const random = seeded(20_261_130);
    const seen: MillraceProcess[] = [];
    onTestFailed(() => showOutput(seen.slice(-4)));
    const start = (crashAt?: string): MillraceProcess => {
      const files = [shipment.parts.source];
      const started = shipment.start({ files, args: ['--once'], ...(crashAt === undefined ? {} : { crashAt }) });
      seen.push(started);
      return started;
    };
    const write = async (lines: number): Promise<void> => {
      for (let left = lines; left > 0; left -= LINES_A_WRITE) await shipment.logs.write(Math.min(left, LINES_A_WRITE));
    };
    // Each life finds a backlog again, whatever those before it have read.
    const share = Math.ceil(LINES / (CRASHES.length + KILLS + 1));
    for (const crashAt of CRASHES) {
      await write(share);
      expect((await start(crashAt).ended).signal, `how it ended at ${crashAt}`).toBe('SIGKILL');
    }
    for (let kill = 0; kill < KILLS; kill += 1) {
      await write(share);
      const victim = start();
      setTimeout(() => void victim.kill(), 1_000 + random() * LATEST_KILL_MS);
      await victim.ended;
    }
    await write(share);
    const last = start();
    expect((await last.ended).code, last.stderr).toBe(0);

    const tally = new Tally(shipment.logs.written);
    const newest = new Map<string, number>();
    let outOfOrder = 0;
    for await (const { value } of streamTopic(clusterAddress().brokers, shipment.raw)) {
      const { message, log } = JSON.parse(String(value)) as { message: string; log: { file: { path: string } } };
      tally.add(message);
      const number = Number(NUMBER.exec(message)?.[1]);
      if (number < (newest.get(log.file.path) ?? -1)) outOfOrder += 1;
      newest.set(log.file.path, number);
    }
    expect({ ...tally.report(), outOfOrder, files: newest.size }).toEqual({ ...EXACT, outOfOrder: 0, files: 3 });
    await shipment.dispose();
  }, 300_000);
});
