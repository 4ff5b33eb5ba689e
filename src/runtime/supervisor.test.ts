import { describe, expect, it } from 'vitest';
import { fakeError } from '../../test/support/fake-faults.ts';
import { RecordingLog } from '../../test/support/tasks.ts';
import { MillraceError } from '../errors/index.ts';
import { ComponentStats } from '../telemetry/stats.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Supervisor } from './supervisor.ts';
import type { Task } from './task.ts';

/** A life of a task: what its calls do. */
interface Life {
  readonly prepare?: () => Promise<void>;
  readonly run?: (signal: AbortSignal) => Promise<void>;
  readonly close?: () => Promise<void>;
}

function setUp(lives: readonly Life[], once = false) {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const stats = new ComponentStats({ pipeline: 'p', component: 'c', kind: 'stream' });
  const calls: string[] = [];
  let made = 0;
  const create = (): Task => {
    const life = lives[made] ?? {};
    made += 1;
    const n = made;
    const noted = (name: string, call: () => Promise<void>) => (): Promise<void> => {
      calls.push(`${name}${n}`);
      return call();
    };
    return {
      stats,
      prepare: noted('prepare', () => life.prepare?.() ?? Promise.resolve()),
      run: (signal) => noted('run', () => life.run?.(signal) ?? Promise.resolve())(),
      close: noted('close', () => life.close?.() ?? Promise.resolve()),
      positions: () => [],
    };
  };
  return { clock, log, stats, calls, supervisor: new Supervisor({ stats, create, once, clock, random: () => 0, log }) };
}

const fails = (error: unknown) => (): Promise<void> => Promise.reject(error as Error);
const running = new AbortController().signal;

describe('Supervisor', () => {
  it('runs a task to its end and closes it', async () => {
    const { supervisor, stats, calls } = setUp([{}]);
    await supervisor.run(running);
    expect(stats.state).toBe('finished');
    expect(calls).toEqual(['prepare1', 'run1', 'close1']);
  });

  it('starts again after what may pass, with growing waits, and closes every life', async () => {
    const { clock, supervisor, stats, calls } = setUp([
      { prepare: fails(fakeError('undone', 'connecting')) },
      { run: fails(new Error('odd')) },
      { run: fails(new Error('odd again')), close: fails(new Error('cannot close')) },
      {},
    ]);
    await clock.run(supervisor.run(running));
    expect(stats).toMatchObject({ state: 'finished', restarts: 3 });
    expect(calls).toEqual([
      'prepare1',
      'close1',
      'prepare2',
      'run2',
      'close2',
      'prepare3',
      'run3',
      'close3',
      'prepare4',
      'run4',
      'close4',
    ]);
    expect(clock.monotonic()).toBe(50 + 100 + 200);
  });

  it('leaves a preparation that needs a human to the run, which says so, and holds up nobody meanwhile', async () => {
    const error = new MillraceError('STEP_FILE_UNREADABLE', { what: 'w', path: '/p', step: 's', component: 'c', reason: 'r' });
    const { supervisor, stats, log } = setUp([{ prepare: fails(error) }, { prepare: fails(error) }]);
    await supervisor.prepareAhead();
    expect(log.lines).toEqual([]);
    await supervisor.run(running);
    expect(stats).toMatchObject({ state: 'failed', reason: error.message });
    expect(log.lines).toEqual([expect.stringContaining('STEP_FILE_UNREADABLE')]);
    await expect(setUp([{ prepare: fails(new Error('passes')) }]).supervisor.prepareAhead()).rejects.toThrow('passes');
  });

  it('stops for good at what needs a human, and says so', async () => {
    const error = new MillraceError('OFFSET_OUT_OF_RANGE', { topic: 't', partition: 0, group: 'g' });
    const { supervisor, stats, log } = setUp([{ run: fails(error) }]);
    await supervisor.run(running);
    expect(stats).toMatchObject({ state: 'failed', restarts: 0 });
    expect(log.lines.join()).toMatch(/^error .*millrace reset.*the rest keeps running/);
  });

  it('ends a bounded run at what would only fail again, and not at what is outside', async () => {
    const inside = setUp([{ run: fails(new TypeError('a bug')) }], true);
    await inside.supervisor.run(running);
    expect(inside.stats.state).toBe('failed');
    const outside = setUp([{ run: fails(fakeError('undone', 'reading')) }, {}], true);
    await outside.clock.run(outside.supervisor.run(running));
    expect(outside.stats.state).toBe('finished');
  });

  it('ends at once when it is told to stop, in a wait, in a run and before it', async () => {
    for (const lives of [[{ run: fails(new Error('odd')) }], [{ run: (signal: AbortSignal) => aborted(signal) }]]) {
      const { clock, supervisor, stats, log } = setUp(lives);
      const stop = new AbortController();
      const ended = supervisor.run(stop.signal);
      await clock.settle();
      stop.abort(new Error('stop'));
      await ended;
      expect(stats.state).toBe('stopped');
      expect(log.lines.filter((line) => line.includes('without'))).toEqual([]);
    }
    const { supervisor, stats, calls } = setUp([{}]);
    await supervisor.prepare();
    await supervisor.run(AbortSignal.abort());
    expect(stats.state).toBe('stopped');
    expect(calls).toEqual(['prepare1', 'close1']);
  });

  it('says what is left undone by a task that cannot finish when it is told to stop', async () => {
    const stop = new AbortController();
    const { clock, supervisor, stats, log } = setUp([
      {
        run: (signal) =>
          aborted(signal).catch(() => {
            throw fakeError('undone', 'committing');
          }),
      },
    ]);
    const ended = supervisor.run(stop.signal);
    await clock.settle();
    stop.abort(new Error('stop'));
    await ended;
    expect(stats.state).toBe('stopped');
    expect(log.lines.join()).toMatch(
      /^warn .*stream c ends without what it has taken last, which is taken again at the next start/,
    );
  });

  it('prepares a task once, and frees one that could not be prepared', async () => {
    const { supervisor, calls } = setUp([{ prepare: fails(new Error('away')) }, {}]);
    await expect(supervisor.prepare()).rejects.toThrow('away');
    expect(supervisor.task).toBeUndefined();
    await supervisor.prepare();
    await supervisor.prepare();
    expect(calls).toEqual(['prepare1', 'close1', 'prepare2']);
  });

  it('begins its waits anew after a life that was long enough', async () => {
    const { clock, supervisor } = setUp([{ run: fails(new Error('a')) }, { run: fails(new Error('b')) }, { run: long }, {}]);
    async function long(): Promise<void> {
      await clock.sleep(120_000);
      throw new Error('c');
    }
    await clock.run(supervisor.run(running));
    expect(clock.monotonic()).toBe(50 + 100 + 120_000 + 50);
  });
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}
