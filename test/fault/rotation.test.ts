import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFailed } from 'vitest';
import { describeOnCluster } from '../support/cluster.ts';
import { isKnown, unreadFiles } from '../support/file-progress.ts';
import { EXACT, Tally } from '../support/numbered-lines.ts';
import { killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { RotatedLog } from '../support/rotated-log.ts';
import { Shipment } from '../support/shipment.ts';
import { freePorts } from '../support/slots.ts';
import { eventually, pause } from '../support/wait.ts';
import { FULL } from './full.ts';
import { seeded } from './random.ts';

const ROTATIONS = FULL ? 40 : 6;
const LINES = FULL ? 4000 : 1000;
/** A kill comes up to so long (ms) after the process has started, or after a rotation has begun. */
const LATEST_KILL_MS = 1500;
const LATEST_KILL_IN_ROTATION_MS = 40;
const SEED = Number(process.env['MILLRACE_FAULT_SEED'] ?? 20_150_517);

interface Kind {
  readonly name: string;
  /** Options of the source. */
  readonly source?: string;
  /** Whether a file can be found after its rotation only if something was read of it before. */
  readonly byPosition?: true;
  readonly rotate: (log: RotatedLog, shipment: Shipment) => Promise<void>;
}

const KINDS: readonly Kind[] = [
  { name: 'copytruncate, with the copy among the files', rotate: (log) => log.copyTruncate() },
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
  #running: MillraceProcess | undefined;

  constructor(shipment: Shipment) {
    this.#shipment = shipment;
  }

  async start(): Promise<void> {
    this.#running = this.#shipment.start({ files: [this.#shipment.parts.source], data: 'source' });
    this.seen.push(this.#running);
    await this.#running.waitForOutput(/health and metrics at/);
  }

  async kill(): Promise<void> {
    const { signal } = await (this.#running as MillraceProcess).kill();
    expect(signal).toBe('SIGKILL');
  }

  async stop(): Promise<void> {
    expect((await (this.#running as MillraceProcess).stop()).code).toBe(0);
  }
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

async function caughtUp(shipment: Shipment): Promise<void> {
  const patience = { what: 'all files to be read to their ends', timeout: 120_000, interval: 1000 };
  await eventually(async () => {
    const unread = await unreadFiles(shipment.name, await filesOf(shipment));
    if (unread.length > 0) throw new Error(unread.join('; '));
    return true;
  }, patience);
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
    async ({ name, source, byPosition = false, rotate }) => {
      const random = seeded(SEED);
      const settings = ['admin.enabled=true', `admin.port=${await freePorts(1)}`];
      const shipment = await Shipment.create('rotation', {
        settings,
        plainIndex: true,
        ...(source === undefined ? {} : { source }),
      });
      const log = new RotatedLog(shipment.logs.directory, 'app.log');
      const victim = new Victim(shipment);
      onTestFailed(() => showOutput(victim.seen.slice(-6)));
      await log.write(LINES);
      await victim.start();
      await caughtUp(shipment);
      for (let i = 0; i < ROTATIONS; i += 1) {
        const what = 'something of the log to be read';
        if (byPosition) await eventually(() => isKnown(shipment.name, log.path), { what, interval: 500 });
        const writing = log.write(LINES);
        const when = ['stopped', 'meanwhile', 'running'][Math.floor(random() * 3)];
        if (when === 'stopped') {
          await pause(random() * LATEST_KILL_MS);
          await victim.kill();
          await writing;
          await rotate(log, shipment);
        } else {
          await writing;
          if (random() < 0.5) await caughtUp(shipment);
          const rotating = rotate(log, shipment);
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
});
