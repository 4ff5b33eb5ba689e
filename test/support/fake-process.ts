import type { BatchConsumer, BatchProducer, Kafka, KafkaAdmin } from '../../src/kafka/types.ts';
import type { MemoryConsumer } from '../../src/testing/memory-kafka/memory-consumer.ts';
import type { FakeKafka } from './fake-kafka.ts';

/** Stands between a task and its clients, to plant a fault in what they do. */
export interface Plant {
  consumer?(consumer: BatchConsumer, kafka: FakeKafka): BatchConsumer;
  producer?(producer: BatchProducer, kafka: FakeKafka): BatchProducer;
  options?(options: Parameters<Kafka['consumer']>[0], consumer: () => BatchConsumer): Parameters<Kafka['consumer']>[0];
}

/** The clients of one process, which can be killed: then no call of theirs ever returns, and what they left open stays open. */
export class FakeProcess implements Kafka {
  readonly path = 'fallback';
  readonly #kafka: FakeKafka;
  readonly #plant: Plant;
  readonly #consumers: MemoryConsumer[] = [];
  readonly #ids: string[] = [];
  killed = false;

  constructor(kafka: FakeKafka, plant: Plant = {}) {
    this.#kafka = kafka;
    this.#plant = plant;
  }

  consumer(options: Parameters<Kafka['consumer']>[0]): BatchConsumer {
    let made: BatchConsumer | undefined;
    const planted = this.#plant.options?.(options, () => made as BatchConsumer) ?? options;
    const { onRebalance } = planted;
    const before = new Set(this.#kafka.consumers);
    made = this.#kafka.consumer({
      ...planted,
      ...(onRebalance === undefined
        ? {}
        : {
            onRebalance: (event) => {
              if (!this.killed) onRebalance(event);
            },
          }),
    });
    for (const consumer of this.#kafka.consumers) if (!before.has(consumer)) this.#consumers.push(consumer);
    return this.#mortal(this.#plant.consumer?.(made, this.#kafka) ?? made, made);
  }

  producer(options: Parameters<Kafka['producer']>[0]): BatchProducer {
    if (options.transactionalId !== undefined) this.#ids.push(options.transactionalId);
    const made = this.#kafka.producer(options);
    return this.#mortal(this.#plant.producer?.(made, this.#kafka) ?? made, made);
  }

  admin(): KafkaAdmin {
    return this.#kafka.admin();
  }

  /** Its session ends while it stands still; it does not know yet. */
  expel(): void {
    for (const consumer of this.#consumers) consumer.expel();
  }

  /** kill -9: the group notices, and in time the broker ends its transactions. */
  kill(): void {
    this.killed = true;
    for (const consumer of this.#consumers) consumer.die();
    for (const id of this.#ids) this.#kafka.expireLater(this.#kafka.identity(id));
  }

  /**
   * Calls of a killed process never return. `real` is the fake's own client, which another client of the fake (in
   * `sendOffsets`) must be able to recognise.
   */
  #mortal<T extends object>(client: T, real: object): T {
    const process = this;
    const never = new Promise<never>(() => undefined);
    return new Proxy(client, {
      get(target, name) {
        if (name === UNWRAP) return real;
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          if (process.killed) return never;
          const result: unknown = Reflect.apply(member, target, args.map(unwrapped));
          if (!(result instanceof Promise)) return result;
          return result.then(
            (value: unknown) => (process.killed ? never : value),
            (error: unknown) => {
              if (process.killed) return never;
              throw error;
            },
          );
        };
      },
    });
  }
}

const UNWRAP = Symbol('the client behind a wrapper');

function unwrapped(argument: unknown): unknown {
  if (typeof argument !== 'object' || argument === null) return argument;
  return Reflect.get(argument, UNWRAP) ?? argument;
}
