import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFailed } from 'vitest';
import { clusterAddress, describeOnCluster } from '../support/cluster.ts';
import { storedPosition, unreadFiles } from '../support/file-progress.ts';
import { streamTopic } from '../support/foreign-reader.ts';
import { EXACT, lineOf, Tally } from '../support/numbered-lines.ts';
import { killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { RotatedLog } from '../support/rotated-log.ts';
import { Shipment, type ShipmentOptions } from '../support/shipment.ts';
import { freePorts, metric } from '../support/slots.ts';
import { eventually, pause } from '../support/wait.ts';
import { FULL } from './full.ts';
import { seeded } from './random.ts';

const ROTATIONS = FULL ? 40 : 6;
/** Those of the test of losses, which looks at every step. */
const TRUNCATIONS = FULL ? 20 : 3;
/** Lines that are written to a log that was copied, and are read before it is truncated. */
const LATE_LINES = 20;
const LINES = FULL ? 4000 : 1000;
/** A kill comes up to so long (ms) after the process has started, or after a rotation has begun. */
const LATEST_KILL_MS = 1500;
const LATEST_KILL_IN_ROTATION_MS = 40;
const SEED = Number(process.env['MILLRACE_FAULT_SEED'] ?? 20_150_517);

/** Lines that make an event, and how its first one is known. */
const EVENT_LINES = 10;
const EVENT_START = '/n/[0-9]*0[?]';
const FIRST_MARKER = 1_000_000;

interface Kind {
  readonly name: string;
  /** Options of the source. */
  readonly source?: string;
  /** Whether a file can be found after its rotation only if something was read of it before. */
  readonly byPosition?: true;
  /** Whether the process has to run until the rotation is done. */
  readonly running?: true;
  readonly rotate: (log: RotatedLog, shipment: Shipment) => Promise<void>;
}

const KINDS: readonly Kind[] = [
  { name: 'copytruncate, with the copy among the files', rotate: (log) => log.copyTruncate() },
  {
    name: 'copytruncate under a writer that goes on until it is truncated',
    running: true,
    rotate: async (log, shipment) => {
      // A copy that is found together with content that is new as well is a file of its own (docs/decisions.md).
      await caughtUp(shipment, [log.path]);
      await log.copyTruncate(async () => {
        await log.write(LATE_LINES);
        await caughtUp(shipment, [log.path]);
      });
    },
  },
  {
    name: 'renaming, and gzip at once',
    source: 'compressed: gzip',
    rotate: async (log) => {
      await log.rename();
      await log.write(LINES);
      await log.compress();
    },
  },
  {
    name: 'renaming several times in a row',
    rotate: async (log) => {
      for (let i = 0; i < 3; i += 1) {
        await log.rename();
        await log.write(LINES);
      }
    },
  },
  {
    name: 'switching a symbolic link',
    byPosition: true,
    rotate: (log, shipment) => log.switch(targetsOf(shipment)),
  },
];

/** The source of a shipment in a process that is killed and started again and again. */
class Victim {
  readonly seen: MillraceProcess[] = [];
  readonly #shipment: Shipment;
  readonly #port: number;
  #running: MillraceProcess | undefined;
  /** Lost bytes that processes have counted that are gone. */
  #lost = 0;

  constructor(shipment: Shipment, port: number) {
    this.#shipment = shipment;
    this.#port = port;
  }

  /** Lost bytes that were counted by all processes so far. */
  async lost(): Promise<number> {
    return this.#lost + (await metric(this.#port, 'millrace_lost_bytes_total'));
  }

  async start(): Promise<void> {
    this.#running = this.#shipment.start({ files: [this.#shipment.parts.source], data: 'source' });
    this.seen.push(this.#running);
    await this.#running.waitForOutput(/health and metrics at/);
  }

  async kill(): Promise<void> {
    this.#lost = await this.lost();
    const { signal } = await (this.#running as MillraceProcess).kill();
    expect(signal).toBe('SIGKILL');
  }

  async stop(): Promise<void> {
    expect((await (this.#running as MillraceProcess).stop()).code).toBe(0);
  }
}

async function prepare(source?: string): Promise<{ shipment: Shipment; victim: Victim }> {
  const port = await freePorts(1);
  const options: ShipmentOptions = { settings: ['admin.enabled=true', `admin.port=${port}`], plainIndex: true };
  const shipment = await Shipment.create('rotation', source === undefined ? options : { ...options, source });
  return { shipment, victim: new Victim(shipment, port) };
}

function targetsOf(shipment: Shipment): string {
  return join(shipment.directory, 'targets');
}

/** The log and what it was rotated to. */
async function filesOf(shipment: Shipment): Promise<string[]> {
  const inDirectory = async (directory: string): Promise<string[]> => {
    const names = await readdir(directory).catch((): string[] => []);
    return names.filter((name) => !name.startsWith('.')).map((name) => join(directory, name));
  };
  return [...(await inDirectory(shipment.logs.directory)), ...(await inDirectory(targetsOf(shipment)))];
}

async function caughtUp(shipment: Shipment, files?: readonly string[]): Promise<void> {
  const patience = { what: 'the files to be read to their ends', timeout: 120_000, interval: 1000 };
  await eventually(async () => {
    const unread = await unreadFiles(shipment.name, files ?? (await filesOf(shipment)));
    if (unread.length > 0) throw new Error(unread.join('; '));
    return true;
  }, patience);
}

/** How many bytes the lines from one number up to another have. */
function bytesOf(from: number, to: number): number {
  let bytes = 0;
  for (let n = from; n < to; n += 1) bytes += Buffer.byteLength(lineOf(n)) + 1;
  return bytes;
}

/** The first line of the last event in a log, which may go on. */
function unreadFrom(log: RotatedLog): number {
  return Math.max(log.began, Math.floor((log.written - 1) / EVENT_LINES) * EVENT_LINES);
}

async function tallyOf(shipment: Shipment, log: RotatedLog) {
  const tally = new Tally(log.written);
  await shipment.collect('raw', tally);
  return tally.report();
}

describeOnCluster(`a log that is rotated ${ROTATIONS} times while its reader is killed (seed ${SEED})`, () => {
  afterEach(killAllProcesses);

  it.each(KINDS)(
    'by $name is there whole, each line once',
    async ({ name, source, byPosition = false, running = false, rotate }) => {
      const random = seeded(SEED);
      const { shipment, victim } = await prepare(source);
      const log = new RotatedLog(shipment.logs.directory, 'app.log');
      onTestFailed(() => showOutput(victim.seen.slice(-6)));
      await log.write(LINES);
      await victim.start();
      await caughtUp(shipment);
      for (let i = 0; i < ROTATIONS; i += 1) {
        const what = 'something of the log to be read';
        if (byPosition) await eventually(() => storedPosition(shipment.name, log.path), { what, interval: 500 });
        const writing = log.write(LINES);
        const when = running ? 'running' : ['stopped', 'meanwhile', 'running'][Math.floor(random() * 3)];
        if (when === 'stopped') {
          await pause(random() * LATEST_KILL_MS);
          await victim.kill();
          await writing;
          await rotate(log, shipment);
        } else {
          await writing;
          if (random() < 0.5) await caughtUp(shipment);
          const rotating = rotate(log, shipment);
          if (running) await rotating;
          await pause(random() * (when === 'meanwhile' ? LATEST_KILL_IN_ROTATION_MS : LATEST_KILL_MS));
          await victim.kill();
          await rotating;
        }
        await log.write(LINES);
        await victim.start();
        process.stdout.write(`${name}, rotation ${i + 1}: killed when ${when}, ${log.written} lines\n`);
      }
      await caughtUp(shipment);
      await victim.stop();
      expect(await tallyOf(shipment, log)).toEqual(EXACT);
      process.stdout.write(`${name}: ${log.written} lines, each once, byte for byte\n`);
      await shipment.dispose();
    },
    FULL ? 1_800_000 : 300_000,
  );

  it(
    'by truncation of lines that were not read yet, has each line once, or counts its bytes as lost',
    async () => {
      const random = seeded(SEED);
      const { shipment, victim } = await prepare(`multiline: { start: "${EVENT_START}", timeout: 60s }`);
      const log = new RotatedLog(shipment.logs.directory, 'app.log');
      const marker = new RotatedLog(shipment.logs.directory, 'a.log', FIRST_MARKER);
      onTestFailed(() => showOutput(victim.seen.slice(-6)));
      const lostLines: number[] = [];
      let lostBytes = 0;
      /** Waits until the last event of the log is all that was not read of it, and the process has seen it. */
      const seen = async (): Promise<void> => {
        // What is read of the marker at the second time was found by a look that began after the first time.
        for (let i = 0; i < 2; i += 1) {
          const before = (await storedPosition(shipment.name, marker.path).catch(() => undefined))?.offset ?? 0;
          await marker.write(EVENT_LINES * 2);
          const what = 'the marker to be read';
          await eventually(async () => ((await storedPosition(shipment.name, marker.path))?.offset ?? 0) > before, { what });
        }
        const read = bytesOf(log.began, unreadFrom(log));
        const what = `the log to be read up to byte ${read}`;
        await eventually(async () => (await storedPosition(shipment.name, log.path))?.offset === read, { what });
      };
      await log.write(LINES);
      await victim.start();
      for (let i = 0; i < TRUNCATIONS; i += 1) {
        await log.write(EVENT_LINES * 2 + Math.floor(random() * EVENT_LINES));
        if (random() < 0.5) {
          await victim.kill();
          await victim.start();
        }
        const copied = random() < 0.5;
        let kept = log.began;
        if (copied) {
          await seen();
          const late = 1 + Math.floor(random() * EVENT_LINES);
          await log.copyTruncate(async () => {
            kept = log.written;
            await log.write(late);
            await seen();
            kept = Math.max(kept, unreadFrom(log));
            for (let n = kept; n < log.written; n += 1) lostLines.push(n);
            lostBytes += bytesOf(kept, log.written);
          });
        } else {
          await seen();
          kept = unreadFrom(log);
          for (let n = kept; n < log.written; n += 1) lostLines.push(n);
          lostBytes += bytesOf(kept, log.written);
          await log.truncate();
        }
        const what = `${lostBytes} bytes to be counted as lost`;
        await eventually(async () => (await victim.lost()) >= lostBytes, { what });
        // A count is stored with the position until it is reported: killed before that is stored, it would be reported twice.
        const reported = async (): Promise<boolean> => {
          const { former = [] } = (await storedPosition(shipment.name, log.path)) ?? {};
          return former.every(({ unread = 0 }) => unread === 0);
        };
        await eventually(reported, { what: 'the report to be stored' });
        expect(await victim.lost()).toBe(lostBytes);
        await victim.kill();
        await victim.start();
        process.stdout.write(`truncation ${i + 1}: ${lostLines.length} of ${log.written} lines lost, ${lostBytes} bytes\n`);
      }
      await victim.stop();
      // Events that nothing ends wait for more; a bounded run takes them as they are.
      const once = shipment.start({ files: [shipment.parts.source], data: 'source', args: ['--once'] });
      expect((await once.ended).code).toBe(0);
      const counts = new Map<string, number>();
      for await (const { value } of streamTopic(clusterAddress().brokers, shipment.raw)) {
        const { message } = JSON.parse(String(value)) as { message: string };
        for (const line of message.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
      }
      const missing = Array.from({ length: log.written }, (_, n) => n).filter((n) => !counts.has(lineOf(n)));
      expect(missing).toEqual(lostLines);
      expect(counts.size).toBe(log.written - lostLines.length + (marker.written - FIRST_MARKER));
      expect([...counts].filter(([, count]) => count !== 1)).toEqual([]);
      await shipment.dispose();
    },
    FULL ? 1_800_000 : 300_000,
  );
});
