import type { KafkaConsumer } from 'node-rdkafka';
import { reasonOf } from '../errors/index.ts';
import type { Logger } from '../sdk/logger.ts';
import { attempted, Code, factsOf } from './failures.ts';
import type { BatchReader } from './reader.ts';
import type { RebalanceEvent, TopicPartition, TopicPartitionOffset } from './types.ts';

interface RebalancingParts {
  readonly client: () => KafkaConsumer;
  readonly reader: () => BatchReader | undefined;
  readonly cooperative: boolean;
  readonly log: Logger;
  readonly lost: () => boolean;
  readonly handler: ((event: RebalanceEvent) => void) | undefined;
}

/**
 * Answers the group's changes of assignment. librdkafka waits for an answer to each of them, for ever, also while it closes:
 * so each is answered exactly once, by the handler or, when closing, here.
 */
export class Rebalancing {
  readonly #parts: RebalancingParts;
  readonly #unanswered = new Set<RebalanceEvent>();
  #closing = false;
  #disconnecting = false;

  constructor(parts: RebalancingParts) {
    this.#parts = parts;
  }

  /** node-rdkafka's `rebalance_cb`. */
  onCallback(error: unknown, partitions: readonly TopicPartition[]): void {
    const { code, message } = factsOf(error);
    if (code !== Code.assignPartitions && code !== Code.revokePartitions) {
      this.#parts.log.warn('rebalancing failed; giving the partitions up', { code, reason: message });
    }
    const kind = code === Code.assignPartitions ? 'assign' : 'revoke';
    const event: RebalanceEvent = {
      kind,
      partitions: partitions.map(({ topic, partition }) => ({ topic, partition })),
      lost: kind === 'revoke' && this.#parts.lost(),
    };
    this.#unanswered.add(event);
    this.#tell(event);
    if (this.#closing || this.#parts.handler === undefined) this.#answerQuietly(event);
  }

  #tell(event: RebalanceEvent): void {
    try {
      this.#parts.handler?.(event);
    } catch (error) {
      this.#parts.log.error('handling a rebalance failed', { kind: event.kind, reason: reasonOf(error) });
      this.#answerQuietly(event);
    }
  }

  /** Answers `event`, unless that has been done. While closing the answer is not the caller's to choose. */
  complete(event: RebalanceEvent, at: readonly TopicPartitionOffset[] | undefined, paused: boolean): void {
    if (this.#closing) this.#answerQuietly(event);
    else this.#answer(event, at, paused);
  }

  #answer(event: RebalanceEvent, at: readonly TopicPartitionOffset[] | undefined, paused: boolean): void {
    if (!this.#unanswered.delete(event)) return;
    if (event.kind === 'assign') this.#assign(event, at, paused);
    else this.#revoke(event);
  }

  /** From now on every event is answered here, beginning with those that nobody has answered yet. */
  close(): void {
    this.#closing = true;
    for (const event of this.#unanswered) this.#answerQuietly(event);
  }

  /** The client's disconnect is about to begin. */
  disconnecting(): void {
    this.#disconnecting = true;
  }

  #assign(event: RebalanceEvent, at: readonly TopicPartitionOffset[] | undefined, paused: boolean): void {
    const client = this.#parts.client();
    const partitions: TopicPartition[] = [...(at ?? event.partitions)];
    // Before the assignment: librdkafka's threads may deliver records between that and the pause below.
    for (const partition of event.partitions) {
      if (paused) this.#parts.reader()?.pause(partition);
      else this.#parts.reader()?.resume(partition);
    }
    attempted('taking over partitions', () =>
      this.#parts.cooperative ? client.incrementalAssign(partitions) : client.assign(partitions),
    );
    if (paused && partitions.length > 0) attempted('pausing new partitions', () => client.pause(partitions));
  }

  #revoke(event: RebalanceEvent): void {
    const client = this.#parts.client();
    for (const partition of event.partitions) {
      this.#parts.reader()?.discard(partition);
      this.#parts.reader()?.resume(partition);
    }
    attempted('giving partitions up', () =>
      this.#parts.cooperative ? client.incrementalUnassign([...event.partitions]) : client.unassign(),
    );
  }

  /**
   * While closing nothing new is taken over, and nobody is there for a failure. Once the client itself is closing, librdkafka
   * takes every answer for an unassign, but node-rdkafka lets only those through that are one.
   */
  #answerQuietly(event: RebalanceEvent): void {
    try {
      if (this.#closing && event.kind === 'assign' && this.#unanswered.delete(event)) {
        if (this.#parts.client().isConnected() && !this.#disconnecting) this.#assign({ ...event, partitions: [] }, [], false);
        else this.#revoke(event);
      } else {
        this.#answer(event, undefined, false);
      }
    } catch (error) {
      this.#parts.log.debug('answering a rebalance failed', { kind: event.kind, reason: reasonOf(error) });
    }
  }
}
