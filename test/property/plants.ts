import type { BatchConsumer, BatchProducer, RebalanceEvent, TopicPartitionOffset } from '../../src/kafka/types.ts';
import type { Sink } from '../../src/sdk/sink.ts';
import type { Plant } from '../support/fake-process.ts';

/** A client that does some of its calls differently. */
export function altered<T extends object>(client: T, calls: Partial<T>): T {
  return new Proxy(client, {
    get(target, name) {
      const member: unknown = Reflect.get(Object.hasOwn(calls, name) ? calls : target, name);
      return typeof member === 'function' ? member.bind(Object.hasOwn(calls, name) ? calls : target) : member;
    },
  });
}

const consumer = (alter: (one: BatchConsumer) => Partial<BatchConsumer>): Plant => ({
  consumer: (one) => altered(one, alter(one)),
});
const producer = (alter: (one: BatchProducer) => Partial<BatchProducer>): Plant => ({
  producer: (one) => altered(one, alter(one)),
});

/** A mistake that a runtime could make, as what its clients would see of it, and what it does to the output. */
export interface PlantedFault {
  readonly plant: Plant;
  readonly finds: 'missing' | 'extra';
  /** It does harm even where nothing goes wrong. */
  readonly always?: true;
  /** The work is never done. */
  readonly endless?: true;
}

const streamClients: Readonly<Record<string, Plant>> = {
  'no rewind after a failed commit': consumer((one) => {
    const started = new Set<string>();
    return {
      seek: async (to) => {
        const first = to.filter(({ topic, partition }) => !started.has(`${topic}/${partition}`));
        for (const { topic, partition } of to) started.add(`${topic}/${partition}`);
        if (first.length > 0) await one.seek(first);
      },
      completeRebalance: (event, at, paused) => {
        for (const { topic, partition } of event.partitions) started.delete(`${topic}/${partition}`);
        one.completeRebalance(event, at, paused);
      },
    };
  }),
  'partitions given up without a drain': {
    options: (options, made) => ({
      ...options,
      onRebalance: (event) => {
        if (event.kind === 'revoke') made().completeRebalance(event);
        options.onRebalance?.(event);
      },
    }),
    consumer: (one) => {
      const gone = new Set<RebalanceEvent>();
      return altered(one, {
        completeRebalance: (event, at, paused) => {
          if (event.kind === 'assign') one.completeRebalance(event, at, paused);
          else gone.add(event);
        },
        pause: (partitions) => one.pause(held(one, partitions)),
        resume: (partitions) => one.resume(held(one, partitions)),
        seek: (to) => one.seek(held(one, to)),
      });
    },
  },
  'a lost partition taken for one that is given up': renamed((event) => ({ ...event, lost: false })),
  'offsets committed before the outputs are': producer((one) => ({
    sendOffsets: async (offsets, by) => {
      await by.commit(offsets);
      await one.sendOffsets(offsets, by, 0);
    },
  })),
  'offsets left out of the transaction': producer(() => ({ sendOffsets: () => Promise.resolve() })),
  'offsets one too far': producer((one) => ({
    sendOffsets: (offsets, by, ms) =>
      one.sendOffsets(
        offsets.map((at) => ({ ...at, offset: at.offset + 1 })),
        by,
        ms,
      ),
  })),
  'a failed commit taken for a success': producer((one) => ({
    commitTransaction: (ms) => one.commitTransaction(ms).catch(() => one.abortTransaction(ms).catch(() => undefined)),
  })),
  'a commit whose outcome is unknown made again in a new transaction': producer((one) => {
    let last: Parameters<BatchProducer['write']>[0] | undefined;
    return {
      write: async (batch) => {
        last = batch;
        await one.write(batch);
      },
      commitTransaction: async (ms) => {
        await one.commitTransaction(ms).catch(async () => {
          await one.abortTransaction(ms).catch(() => undefined);
          await one.beginTransaction();
          if (last !== undefined) await one.write(last);
          await one.commitTransaction(ms);
        });
      },
    };
  }),
  'a failed transaction committed in place of aborted': producer((one) => ({
    abortTransaction: async (ms) => {
      await one.abortTransaction(0).catch(() => undefined);
      await one.beginTransaction();
      await one.commitTransaction(ms);
      throw new Error('still in doubt');
    },
    write: async (batch) => {
      await one.write(batch);
      await one.commitTransaction(0);
      await one.beginTransaction();
    },
  })),
  'input read uncommitted': { options: (options) => ({ ...options, isolation: 'read_uncommitted' }) },
  'a start at the beginning in place of the committed offset': consumer((one) => ({
    committed: async (partitions, ms) => (await one.committed(partitions, ms)).map((at) => ({ ...at, offset: -1 })),
  })),
  'a start at the end where nothing is committed': consumer((one) => ({
    committed: async (partitions, ms) =>
      (await one.committed(partitions, ms)).map((at) => ({ ...at, offset: at.offset < 0 ? 30 : at.offset })),
  })),
  'memory used again before it was written': producer((one) => {
    let late: Parameters<BatchProducer['write']>[0] | undefined;
    return {
      write: (batch) => {
        late = batch;
        return Promise.resolve();
      },
      sendOffsets: async (offsets, by, ms) => {
        await one.sendOffsets(offsets, by, ms);
        if (late !== undefined) late.arena.fill(0x20);
        if (late !== undefined) await one.write(late);
      },
    };
  }),
};

const streamEffects: Readonly<Record<string, Omit<PlantedFault, 'plant'>>> = {
  'no rewind after a failed commit': { finds: 'missing' },
  'partitions given up without a drain': { finds: 'extra' },
  'a lost partition taken for one that is given up': { finds: 'extra' },
  'offsets committed before the outputs are': { finds: 'missing' },
  'offsets left out of the transaction': { finds: 'extra', always: true, endless: true },
  'offsets one too far': { finds: 'missing' },
  'a failed commit taken for a success': { finds: 'missing' },
  'a commit whose outcome is unknown made again in a new transaction': { finds: 'extra' },
  'a failed transaction committed in place of aborted': { finds: 'extra' },
  'input read uncommitted': { finds: 'extra' },
  'a start at the beginning in place of the committed offset': { finds: 'extra', always: true },
  'a start at the end where nothing is committed': { finds: 'missing', always: true, endless: true },
  'memory used again before it was written': { finds: 'missing', always: true },
};

/** The mistakes of a stream, by what they are. */
export const streamPlants: Readonly<Record<string, PlantedFault>> = together(streamClients, streamEffects);

/** A mistake of a sink's task, or of its destination. */
export interface SinkPlant {
  readonly plant?: Plant;
  readonly sink?: (sink: Sink) => Sink;
}

/** The mistakes of a sink, and what each does. */
export const sinkPlants: Readonly<Record<string, SinkPlant & { readonly finds: 'missing' | 'extra' | 'early' }>> = {
  'an offset committed for what has been read, not delivered': {
    finds: 'early',
    plant: consumer((one) => {
      const read = new Map<string, TopicPartitionOffset>();
      return {
        read: async (limits) => {
          const result = await one.read(limits);
          for (let row = 0; row < result.batch.length; row += 1) {
            const at = {
              topic: result.batch.topic(row),
              partition: result.batch.partition(row),
              offset: result.batch.offset(row) + 1,
            };
            read.set(`${at.topic}/${at.partition}`, at);
          }
          return result;
        },
        commit: (offsets) => one.commit(offsets.map((at) => read.get(`${at.topic}/${at.partition}`) ?? at)),
      };
    }),
  },
  'a record that was not answered taken for delivered': {
    finds: 'early',
    sink: (sink) =>
      altered(sink, {
        write: async (batch, outcomes, signal) => {
          await sink.write(batch, outcomes, signal);
          for (let i = 0; i < outcomes.length; i += 1) if (outcomes.of(i) === 'unknown') outcomes.delivered(i);
        },
      }),
  },
  'a request that failed taken for delivered': {
    finds: 'early',
    sink: (sink) =>
      altered(sink, {
        write: async (batch, outcomes, signal) => {
          await sink.write(batch, outcomes, signal).catch(() => outcomes.deliveredAll());
        },
      }),
  },
  'an id that is new at every try': {
    finds: 'extra',
    sink: (sink) => {
      let tries = 0;
      return altered(sink, {
        write: (batch, outcomes, signal) => {
          tries += 1;
          const by = tries;
          return sink.write({ records: batch.records, id: (i) => `${batch.id(i)}-${by}` }, outcomes, signal);
        },
      });
    },
  },
  'dead letters outside the transaction of their offsets': {
    finds: 'extra',
    plant: producer((one) => ({
      write: async (batch) => {
        await one.write(batch);
        await one.commitTransaction(0);
        await one.beginTransaction();
      },
    })),
  },
  'dead letters thrown away': { finds: 'missing', plant: producer(() => ({ write: () => Promise.resolve() })) },
};

function together(
  plants: Readonly<Record<string, Plant>>,
  effects: Readonly<Record<string, Omit<PlantedFault, 'plant'>>>,
): Record<string, PlantedFault> {
  return Object.fromEntries(
    Object.entries(plants).map(([name, plant]) => {
      const effect = effects[name];
      if (effect === undefined) throw new Error(`what does ${name} do?`);
      return [name, { plant, ...effect }];
    }),
  );
}

/** Tells the owner of a consumer another event than the one that happened. */
function renamed(change: (event: RebalanceEvent) => RebalanceEvent): Plant {
  const originals = new WeakMap<RebalanceEvent, RebalanceEvent>();
  return {
    options: (options) => ({
      ...options,
      onRebalance: (event) => {
        const told = change(event);
        originals.set(told, event);
        options.onRebalance?.(told);
      },
    }),
    consumer: (one) =>
      altered(one, {
        completeRebalance: (event, at, paused) => one.completeRebalance(originals.get(event) ?? event, at, paused),
      }),
  };
}

function held<T extends { topic: string; partition: number }>(one: BatchConsumer, partitions: readonly T[]): T[] {
  const assigned = new Set(one.assigned().map(({ topic, partition }) => `${topic}/${partition}`));
  return partitions.filter(({ topic, partition }) => assigned.has(`${topic}/${partition}`));
}
