import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { isRunning, recordOf, signalGroup } from './process-record.ts';

async function startSleeper() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  const record = recordOf(child.pid as number);
  if (record === undefined) throw new Error('the process is not there');
  return { child, record };
}

it('knows a process until it ends', async () => {
  const { child, record } = await startSleeper();
  expect(isRunning(record)).toBe(true);
  expect(signalGroup(record, 'SIGKILL')).toBe(true);
  await once(child, 'exit');
  expect(isRunning(record)).toBe(false);
  expect(signalGroup(record, 'SIGKILL')).toBe(false);
});

it('never signals another process that has the number now', async () => {
  const { child, record } = await startSleeper();
  const earlier = { pid: record.pid, started: `${record.started}0` };
  expect(isRunning(earlier)).toBe(false);
  expect(signalGroup(earlier, 'SIGKILL')).toBe(false);
  expect(isRunning(record)).toBe(true);
  child.kill('SIGKILL');
});

it('has no record of a number that nobody has', () => {
  // Above the largest number that Linux gives out.
  expect(recordOf(2 ** 22 + 1)).toBeUndefined();
});
