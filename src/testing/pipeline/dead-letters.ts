import type { JsonValue } from '../../record/json.ts';
import { DeadHeader } from '../../runtime/dead-letter.ts';
import type { MemoryKafka } from '../memory-kafka/memory-kafka.ts';
import { recordsOf } from './topic-records.ts';

/** A record that was given up, and why. */
export interface DeadLetter {
  /** The source, stream or sink. */
  readonly component: string;
  /** The step's id; absent where no step was at work. */
  readonly step?: string;
  readonly code: string;
  readonly message: string;
  readonly key?: string;
  readonly value: JsonValue;
}

/** The dead letters in their topic. */
export function deadLettersIn(kafka: MemoryKafka, topic: string): DeadLetter[] {
  return recordsOf(kafka, topic).map(({ headers, key, value }) => {
    const step = headers[DeadHeader.step];
    return {
      component: headers[DeadHeader.component] ?? '',
      ...(typeof step === 'string' ? { step } : {}),
      code: headers[DeadHeader.code] ?? '',
      message: headers[DeadHeader.message] ?? '',
      ...(key === undefined ? {} : { key }),
      value,
    };
  });
}
