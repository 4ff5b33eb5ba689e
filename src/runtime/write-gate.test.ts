import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { WriteGate } from './write-gate.ts';

const never = new AbortController().signal;
const fine = { bytes: 1, overloaded: false };

describe('WriteGate', () => {
  it('lets writes in up to the limit, and the others in their order', async () => {
    const clock = new VirtualClock();
    const gate = new WriteGate(clock, 2);
    const entered: number[] = [];
    const began = await gate.enter(never);
    await gate.enter(never);
    const waiting = [1, 2].map((n) => gate.enter(never).then(() => entered.push(n)));
    await clock.settle();
    expect([gate.inFlight, entered]).toEqual([2, []]);
    gate.leave(began, fine);
    await clock.settle();
    expect([gate.inFlight, entered]).toEqual([2, [1]]);
    gate.cancelled();
    await Promise.all(waiting);
    expect(entered).toEqual([1, 2]);
  });

  it('forgets who has stopped waiting', async () => {
    const gate = new WriteGate(new VirtualClock(), 1);
    const began = await gate.enter(never);
    const ending = new AbortController();
    const given = gate.enter(ending.signal);
    const next = gate.enter(never);
    ending.abort(new Error('the task ends'));
    await expect(given).rejects.toThrow('the task ends');
    await expect(gate.enter(ending.signal)).rejects.toThrow('the task ends');
    gate.leave(began, fine);
    await next;
    expect(gate.inFlight).toBe(1);
  });

  it('lets nobody in beyond a limit that has fallen, until as many have left', async () => {
    const clock = new VirtualClock();
    const gate = new WriteGate(clock, 4);
    await Promise.all([1, 2, 3, 4].map(() => gate.enter(never)));
    let entered = false;
    const fifth = gate.enter(never).then(() => {
      entered = true;
    });
    await clock.advance(10);
    gate.leave(0, { bytes: 1, overloaded: true });
    gate.leave(0, fine);
    await clock.settle();
    expect([gate.limit, gate.inFlight, entered]).toEqual([2, 2, false]);
    gate.leave(0, fine);
    await fifth;
    expect(gate.inFlight).toBe(2);
  });
});
