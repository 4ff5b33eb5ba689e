import { MillraceError } from '../../errors/index.ts';
import type { KeyedState, Timer, Timers } from '../../sdk/keyed-state.ts';
import { type Changelog, NO_WATERMARK } from '../../sdk/operator.ts';
import { KeyedStore } from './keyed-store.ts';
import { type Guard, StateViews } from './state-views.ts';
import { TimerStore } from './timers.ts';
import { UndoLog } from './undo-log.ts';

/** State and timers of one partition, with what is not committed of them. */
export class ProcessorState {
  readonly log = new UndoLog();
  readonly store: KeyedStore;
  readonly timers: TimerStore;
  #watermark = NO_WATERMARK;

  constructor(maxEntries: number) {
    this.store = new KeyedStore(this.log, { maxEntries, held: () => this.timers.size, watermark: () => this.#watermark });
    this.timers = new TimerStore(this.log, { maxEntries, held: () => this.store.size });
  }

  get size(): number {
    return this.store.size + this.timers.size;
  }

  get watermark(): number {
    return this.#watermark;
  }

  /** Event time has come to `watermark`, for what is set from now on. Taken back with what was changed since. */
  turnTo(watermark: number): void {
    const before = this.#watermark;
    if (watermark <= before) return;
    this.log.note(() => {
      this.#watermark = before;
    });
    this.#watermark = watermark;
  }

  flush(changes: Changelog): void {
    this.store.flush(changes);
    this.timers.flush(changes);
    this.log.seal();
  }

  commit(): void {
    this.log.commit();
  }

  rollback(): void {
    this.log.rollback();
    this.store.rolledBack();
    this.timers.rolledBack();
  }

  restore(key: string, value: string | null): void {
    if (TimerStore.owns(key)) this.timers.restore(key, value);
    else this.store.restore(key, value);
  }

  restored(watermark: number): void {
    this.#watermark = watermark;
    this.store.restored();
  }

  /** As a processor sees it: `guard` refuses what comes from elsewhere, `now` is wall-clock time in ms, `takesTimers` whether anybody takes them. */
  views(guard: Guard, now: () => number, takesTimers: () => boolean): { state: KeyedState; timers: Timers } {
    const set = (timer: Timer): void => {
      guard('a timer');
      if (!takesTimers()) throw new MillraceError('PROCESSOR_NO_ON_TIMER', { name: timer.name });
      this.timers.set(timer);
    };
    return {
      state: new StateViews(this.store, guard),
      timers: {
        at: (key, time, name) => set({ clock: 'event', key, name, time }),
        after: (key, ms, name) => set({ clock: 'wall', key, name, time: now() + ms }),
        delete: (key, name) => {
          guard('a timer');
          this.timers.delete(key, name);
        },
      },
    };
  }
}
