import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Journal } from './journal.ts';

interface Cell {
  value: number;
  epoch: number;
}

/** A map that is changed in place, with its undo. */
class Cells {
  readonly cells = new Map<string, Cell>();
  readonly journal = new Journal<{ key: string; before: number | undefined }>();

  set(key: string, value: number): void {
    const cell = this.cells.get(key);
    if (cell?.epoch !== this.journal.epoch) this.journal.note({ key, before: cell?.value });
    this.cells.set(key, { value, epoch: this.journal.epoch });
  }

  rollback(): void {
    this.journal.rollback(({ key, before }) => {
      if (before === undefined) this.cells.delete(key);
      else this.cells.set(key, { value: before, epoch: -1 });
    });
  }

  get values(): Record<string, number> {
    return Object.fromEntries([...this.cells].map(([key, { value }]) => [key, value] as const).toSorted());
  }
}

describe('Journal', () => {
  it('takes back all that is not committed, newest first', () => {
    const state = new Cells();
    state.set('a', 1);
    state.journal.seal();
    state.journal.commit();
    state.set('a', 2);
    state.journal.seal();
    state.set('a', 3);
    state.set('b', 1);
    state.rollback();
    expect(state.values).toEqual({ a: 1 });
  });

  it('lists what the micro-batch at work has changed, each once', () => {
    const state = new Cells();
    state.set('a', 1);
    state.set('a', 2);
    expect(state.journal.current).toEqual([{ key: 'a', before: undefined }]);
    state.journal.seal();
    expect(state.journal.current).toEqual([]);
  });

  it('refuses the commit of nothing', () => {
    expect(() => new Journal().commit()).toThrow(/never flushed/);
  });

  it('is in the state of the last commit after a rollback, whatever came before', () => {
    const step = fc.oneof(
      fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.nat(9) }),
      fc.constantFrom('seal' as const, 'commit' as const, 'rollback' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const state = new Cells();
        const sealed: Record<string, number>[] = [];
        let durable: Record<string, number> = {};
        for (const each of steps) {
          if (typeof each === 'object') state.set(each.key, each.value);
          else if (each === 'seal') {
            state.journal.seal();
            sealed.push(state.values);
          } else if (each === 'commit' && sealed.length > 0) {
            state.journal.commit();
            durable = sealed.shift() as Record<string, number>;
          } else if (each === 'rollback') {
            state.rollback();
            sealed.length = 0;
            expect(state.values).toEqual(durable);
          }
        }
        state.rollback();
        expect(state.values).toEqual(durable);
      }),
    );
  });
});

describe('the watermark of a Journal', () => {
  it('goes back to what it was before all that is not committed', () => {
    const { journal } = new Cells();
    journal.watermark = 1;
    journal.seal();
    journal.watermark = 2;
    journal.seal();
    journal.commit();
    journal.watermark = 3;
    journal.rollback(() => undefined);
    expect(journal.watermark).toBe(1);
    journal.rollback(() => undefined);
    expect(journal.watermark).toBe(1);
  });

  it('begins where the state was restored', () => {
    const { journal } = new Cells();
    journal.restored(7);
    journal.watermark = 9;
    journal.rollback(() => undefined);
    expect(journal.watermark).toBe(7);
  });
});

describe('a mark in a Journal', () => {
  it('is come back to, newest first, with what was noted before it kept', () => {
    const { journal } = new Cells();
    const undone: string[] = [];
    journal.note({ key: 'a', before: undefined });
    const mark = journal.mark();
    journal.note({ key: 'b', before: undefined });
    journal.note({ key: 'c', before: undefined });
    journal.undoTo(mark, ({ key }) => undone.push(key));
    expect(undone).toEqual(['c', 'b']);
    expect(journal.current).toEqual([{ key: 'a', before: undefined }]);
  });
});
