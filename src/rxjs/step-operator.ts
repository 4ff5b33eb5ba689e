import type { Observable } from 'rxjs';
import type { StatefulStepDefinition } from '../sdk/operator.ts';
import { newRecord, type ProcessorRecord } from '../sdk/processor-record.ts';
import { type Operated, operate, type TimeOptions } from './operate.ts';
import { boundOptions } from './options.ts';
import { millisOf } from './span.ts';

/** An RxJS operator over records. */
export type RecordOperator = (records: Observable<ProcessorRecord>) => Observable<ProcessorRecord>;

/** The RxJS form of a step with state. Its options are checked at once. */
export function stepOperator<Options>(
  definition: StatefulStepDefinition<Options>,
  given: object,
  more: TimeOptions & { readonly everyRecord?: boolean; readonly joined?: Observable<ProcessorRecord> },
): RecordOperator {
  if (more.wait !== undefined) millisOf('wait', more.wait);
  const options = { ...given, late: more.refused === undefined ? 'drop' : 'dead_letter' };
  boundOptions(definition, options, { record: newRecord({ value: {}, time: 0 }, 0) });
  const operated: Operated = {
    ...more,
    id: more.id ?? definition.kind,
    create: (context, at) => definition.state.create(boundOptions(definition, options, at), context),
  };
  const { joined } = more;
  return (records) =>
    operate(
      joined === undefined
        ? [['main', records]]
        : [
            ['main', records],
            ['joined', joined],
          ],
      operated,
    );
}
