import { MemoryKafka } from '../../src/testing/memory-kafka/memory-kafka.ts';
import { type FakePoint, type FakeScript, fakeError } from './fake-faults.ts';

/** The Kafka in memory, whose clients fail as a script says. */
export class FakeKafka extends MemoryKafka {
  script: FakeScript = () => undefined;

  override async call<T>(point: FakePoint, by: string, effect: () => T | Promise<T>): Promise<T> {
    const fault = await this.script(point, by);
    if (fault === undefined) return effect();
    if (fault === 'done') await effect();
    throw fakeError(fault, `${point} of ${by}`);
  }
}
