import { describe, expect, it } from 'vitest';
import { KeyOrder } from './key-order.ts';

const never = new AbortController().signal;

describe('KeyOrder', () => {
  it('lets one record of each key go at a time, across batches, and those without a key at once', async () => {
    const order = new KeyOrder();
    const first = order.join(['a', 'b', 'a', undefined, 'a']);
    const second = order.join(['b', 'c']);
    expect(await first.next(never)).toEqual([0, 1, 3]);
    expect(await second.next(never)).toEqual([1]);
    const later = second.next(never);
    first.settled([0, 3]);
    expect(await first.next(never)).toEqual([2]);
    first.settled([1, 2]);
    expect(await later).toEqual([0]);
    expect(await first.next(never)).toEqual([4]);
    expect(await first.next(never)).toEqual([]);
    second.settled([0, 1]);
    expect(await second.next(never)).toEqual([]);
  });

  it('gives way when a batch leaves, from the head and from the middle, and keeps the order of the others', async () => {
    const order = new KeyOrder();
    const [head, middle, last] = [order.join(['a']), order.join(['a']), order.join(['a'])];
    expect(await head.next(never)).toEqual([0]);
    middle.leave();
    middle.leave();
    const behind = order.join(['a']);
    let gone = false;
    const waiting = last.next(never).then((rows) => {
      gone = true;
      return rows;
    });
    await Promise.resolve();
    expect(gone).toBe(false);
    head.leave();
    expect(await waiting).toEqual([0]);
    last.settled([0]);
    expect(await behind.next(never)).toEqual([0]);
    behind.leave();
    expect(await order.join(['a']).next(never)).toEqual([0]);
  });

  it('ends a wait by the signal', async () => {
    const order = new KeyOrder();
    order.join(['a']);
    const ending = new AbortController();
    const waiting = order.join(['a']).next(ending.signal);
    ending.abort(new Error('the task ends'));
    await expect(waiting).rejects.toThrow('the task ends');
    await expect(order.join(['a']).next(ending.signal)).rejects.toThrow('the task ends');
  });
});
