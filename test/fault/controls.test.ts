import { afterEach, expect, it, onTestFailed } from 'vitest';
import { clusterAddress, describeOnCluster } from '../support/cluster.ts';
import { CommitWatch } from '../support/foreign-reader.ts';
import type { TallyReport } from '../support/numbered-lines.ts';
import { killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { type Place, Shipment, type StartOptions } from '../support/shipment.ts';
import { eventually } from '../support/wait.ts';
import { startSabotaged } from './sabotage.ts';

const LINES = 2_000;
const FILES = Array.from({ length: 12 }, (_, i) => `${i}.log`);
const SETTINGS = ['kafka.session_timeout=6s', 'kafka.transaction_timeout=30s', 'log.level=debug'];
/** Each control must have failed by then. */
const WITHIN_MS = 60_000;

type Part = 'source' | 'stream' | 'sink';

/** A shipment whose parts run one after the other, each healthy or sabotaged. */
class Control {
  readonly shipment: Shipment;
  readonly #seen: MillraceProcess[] = [];

  private constructor(shipment: Shipment) {
    this.shipment = shipment;
  }

  static async create(): Promise<Control> {
    const options = { files: FILES, partitions: 12, settings: SETTINGS, sink: '    batch: { records: 200 }\n' };
    const control = new Control(await Shipment.create('control', options));
    onTestFailed(() => showOutput(control.#seen));
    await control.shipment.logs.write(LINES);
    return control;
  }

  start(part: Part, options: StartOptions = {}): MillraceProcess {
    return this.#note(this.shipment.start({ files: [this.shipment.parts[part]], data: part, ...options }));
  }

  sabotaged(sabotage: string, part: Part, options: StartOptions = {}): MillraceProcess {
    return this.#note(startSabotaged(sabotage, this.shipment, { files: [this.shipment.parts[part]], data: part, ...options }));
  }

  /** Runs a healthy part until it has done all there is. */
  async finish(part: Part): Promise<void> {
    expect((await this.start(part, { args: ['--once'] }).ended).code, `the ${part}, to its end`).toBe(0);
  }

  /** What the check of all fault tests says; the shipment is taken away. */
  async report(place: Place): Promise<TallyReport> {
    const report = await this.shipment.tally(place);
    await expect(this.shipment.expectExact([place])).rejects.toThrow();
    await this.shipment.dispose();
    return report;
  }

  #note(started: MillraceProcess): MillraceProcess {
    this.#seen.push(started);
    return started;
  }
}

/** One process holds a transaction open for long while another joins its group. */
async function rebalanceInTransaction(sabotage: 'no-drain' | 'slow'): Promise<Control> {
  const control = await Control.create();
  await control.finish('source');
  const slow = control.sabotaged(sabotage, 'stream');
  await slow.waitForOutput(/slow offsets/);
  const watch = await CommitWatch.start(clusterAddress().brokers, [control.shipment.group('parse')]);
  const second = control.start('stream');
  await second.waitForOutput(/partitions assigned/);
  // Without the drain these are the second's, before the first has come to its own; with it, the first's.
  await eventually(() => watch.sum(control.shipment.group('parse')) > 0, { what: 'a commit' });
  watch.stop();
  expect((await second.stop()).code).toBe(0);
  expect((await slow.stop(45_000)).code).toBe(0);
  await control.finish('stream');
  return control;
}

describeOnCluster('must-fail controls: without one precaution, the check finds', () => {
  afterEach(killAllProcesses);

  it(
    'lines missing, with auto-commit',
    async () => {
      const control = await Control.create();
      await control.finish('source');
      expect((await control.sabotaged('auto-commit', 'stream', { crashAt: 'after_produce:1' }).ended).signal).toBe('SIGKILL');
      await control.finish('stream');
      const report = await control.report('events');
      expect(report.missing).toBeGreaterThan(0);
      expect(report.double).toBe(0);
    },
    WITHIN_MS,
  );

  it(
    'lines double, with random ids',
    async () => {
      const control = await Control.create();
      await control.finish('source');
      await control.finish('stream');
      expect((await control.sabotaged('random-ids', 'sink', { crashAt: 'after_delivery:1' }).ended).signal).toBe('SIGKILL');
      expect((await control.sabotaged('random-ids', 'sink', { args: ['--once'] }).ended).code).toBe(0);
      const report = await control.report('documents');
      expect(report.double).toBeGreaterThan(0);
      expect(report.missing).toBe(0);
    },
    WITHIN_MS,
  );

  it(
    'lines missing, with offsets committed before delivery',
    async () => {
      const control = await Control.create();
      await control.finish('source');
      await control.finish('stream');
      expect((await control.sabotaged('commit-before-delivery', 'sink').ended).signal).toBe('SIGKILL');
      await control.finish('sink');
      const report = await control.report('documents');
      expect(report.missing).toBeGreaterThan(0);
      expect(report.double).toBe(0);
    },
    WITHIN_MS,
  );

  it(
    'lines double, without the drain on revoke',
    async () => {
      const control = await rebalanceInTransaction('no-drain');
      const report = await control.report('events');
      expect(report.double).toBeGreaterThan(0);
      expect(report.missing).toBe(0);
    },
    WITHIN_MS,
  );

  it(
    'nothing in that same case with the drain',
    async () => {
      const control = await rebalanceInTransaction('slow');
      await control.shipment.expectExact(['events']);
      await control.shipment.dispose();
    },
    WITHIN_MS,
  );

  it(
    'lines double, reading uncommitted',
    async () => {
      const control = await Control.create();
      expect((await control.sabotaged('die-in-transaction', 'source').ended).signal).toBe('SIGKILL');
      await control.finish('source');
      expect((await control.sabotaged('read-uncommitted', 'stream', { args: ['--once'] }).ended).code).toBe(0);
      const report = await control.report('events');
      expect(report.double).toBeGreaterThan(0);
      expect(report.missing).toBe(0);
    },
    WITHIN_MS,
  );
});
