import { from, isObservable, Observable } from 'rxjs';
import type { ProcessorOperator, ProcessorWork } from '../../sdk/processor.ts';
import type { ProcessorRecord } from '../../sdk/processor-record.ts';

/** Calls a function in a surrounding of its own, which lasts for what it begins. */
export type Surrounding = <Arguments extends unknown[], Result>(
  call: (...given: Arguments) => Result,
  ...given: Arguments
) => Result;

/** The same work, all of it done in a surrounding. */
export function workIn(work: ProcessorWork, run: Surrounding): ProcessorWork {
  const { process, each, batch, concurrency, onTimer, close } = work;
  const done: { -readonly [Key in keyof ProcessorWork]: ProcessorWork[Key] } = {};
  if (process !== undefined) done.process = operatorIn((records) => process.call(work, records), run);
  if (each !== undefined) {
    const call: typeof each = (record) => each.call(work, record);
    done.each = (record) => run(call, record);
  }
  if (batch !== undefined) done.batch = (records) => run(() => batch.call(work, records));
  if (concurrency !== undefined) done.concurrency = concurrency;
  if (onTimer !== undefined) {
    done.onTimer = (timer) => {
      const emitted = run(() => onTimer.call(work, timer));
      return emitted === undefined ? undefined : outputIn(from(emitted), run);
    };
  }
  if (close !== undefined) done.close = () => run(() => close.call(work));
  return done;
}

/** Its operators make timers of their own when they are subscribed to, and at every record. */
function operatorIn(operator: ProcessorOperator, run: Surrounding): ProcessorOperator {
  return (records) => {
    const given: typeof records = new Observable((subscriber) => {
      const next = (record: ProcessorRecord): void => subscriber.next(record);
      return records.subscribe({
        next: (record) => run(next, record),
        error: (error) => subscriber.error(error),
        complete: () => run(() => subscriber.complete()),
      });
    });
    const output = run(operator, given);
    // What is none is told of where it is subscribed to.
    return isObservable(output) ? outputIn(output, run) : output;
  };
}

function outputIn<T>(output: Observable<T>, run: Surrounding): Observable<T> {
  return new Observable((subscriber) => {
    const subscription = run(() => output.subscribe(subscriber));
    return () => run(() => subscription.unsubscribe());
  });
}
