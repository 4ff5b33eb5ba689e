import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { RecordingLog } from '../../test/support/tasks.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { type Remaining, STOP_MS, StopSignal } from './stop-signal.ts';

/** A process whose signals are events, and whose end is noted. */
class FakeProcess extends EventEmitter {
  readonly pid = 7;
  readonly kills: string[] = [];

  kill(pid: number, signal: string): void {
    this.kills.push(`${pid} ${signal} ${this.listenerCount(signal)}`);
  }
}

const atWork: Remaining = { hasBegun: true, tasks: ['sink shop/search (it does not answer)'] };

function setUp({ worker = false, remaining = atWork } = {}) {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const process = new FakeProcess();
  let cleared = 0;
  const stop = new StopSignal({ log, worker, clock, process, beforeEnd: () => (cleared += 1) });
  stop.waitsFor(() => remaining);
  return { clock, log, process, stop, cleared: () => cleared };
}

it('lets the run finish, says what that waits for, and ends it when the time is up', async () => {
  const { clock, log, process, stop, cleared } = setUp();
  process.emit('SIGTERM');
  expect(stop.signal.aborted).toBe(true);
  await clock.advance(STOP_MS - 1);
  expect(log.lines).toEqual([
    'info stopped by SIGTERM: finishing what has been taken {}',
    'info waiting for sink shop/search (it does not answer); for 24 s more at most, and a second signal (Ctrl-C) ends it now {}',
    'info waiting for sink shop/search (it does not answer); for 14 s more at most, and a second signal (Ctrl-C) ends it now {}',
    'info waiting for sink shop/search (it does not answer); for 4 s more at most, and a second signal (Ctrl-C) ends it now {}',
  ]);
  expect([process.kills, cleared()]).toEqual([[], 0]);
  await clock.advance(1);
  expect(log.lines.at(-1)).toMatch(/^error not done after 25 s: sink shop\/search .* taken again at the next start/);
  // By the signal itself, to which nobody listens any more.
  expect([process.kills, cleared()]).toEqual([['7 SIGTERM 0'], 1]);
});

it('ends at once by a second signal, whichever it is', () => {
  const { log, process } = setUp();
  process.emit('SIGTERM');
  process.emit('SIGINT');
  expect(process.kills).toEqual(['7 SIGINT 0']);
  expect(log.lines.at(-1)).toBe('warn stopped by Ctrl-C: ending at once {}');
});

it('does not wait long where nothing has been taken', async () => {
  const { clock, log, process } = setUp({ remaining: { hasBegun: false, tasks: [] } });
  process.emit('SIGINT');
  await clock.advance(2_000);
  expect(process.kills).toEqual(['7 SIGINT 0']);
  expect(log.lines).toEqual(['info stopped by Ctrl-C {}', 'info Kafka has not answered yet; ending, with nothing taken {}']);
});

it('leaves Ctrl-C to the launcher of a worker, takes the same signal twice for one, and ends with its launcher', () => {
  const { process, stop } = setUp({ worker: true });
  process.emit('SIGINT');
  expect(stop.signal.aborted).toBe(false);
  process.emit('SIGTERM');
  process.emit('SIGTERM');
  expect(stop.signal.aborted).toBe(true);
  expect(process.kills).toEqual([]);
  process.emit('disconnect');
  expect(process.kills).toEqual(['7 SIGTERM 0']);
});

it('stops a worker in order whose launcher has gone before anybody told it to', () => {
  const { process, stop } = setUp({ worker: true });
  process.emit('disconnect');
  expect([stop.signal.aborted, process.kills]).toEqual([true, []]);
});
