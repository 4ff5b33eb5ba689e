import type { OffsetLookup, TopicPartition } from '../../kafka/types.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { PartitionClock } from '../../stream/time/partition-clock.ts';

/** How often quiet partitions are looked at, in ms. */
const LOOK_MS = 1_000;
/** Looks that are further apart, in ms, had something between them that blocked this process: that time does not count. */
const BLOCKED_MS = 4_000;
const LOOKUP_WAIT_MS = 3_000;

interface Watched extends TopicPartition {
  readonly clock: PartitionClock;
  /** Monotonic time of the last record, or of the moment from which quiet counts. */
  quietSince: number;
}

/**
 * Finds the partitions that are idle: caught up (an end-of-partition event, and a fresh high watermark equal to it) and quiet for
 * the idle timeout (DESIGN.md 4.5). The look at Kafka goes on beside everything else; its answer is taken up by the next tick.
 */
export class IdleWatch {
  readonly #lookup: OffsetLookup;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #endOf: (partition: TopicPartition) => number;
  readonly #watched = new Map<PartitionClock, Watched>();
  #lastLook = Number.NEGATIVE_INFINITY;
  #looking = false;
  #idle: Watched[] = [];

  constructor(parts: { lookup: OffsetLookup; clock: Clock; timeoutMs: number; endOf: (partition: TopicPartition) => number }) {
    this.#lookup = parts.lookup;
    this.#clock = parts.clock;
    this.#timeoutMs = parts.timeoutMs;
    this.#endOf = parts.endOf;
  }

  watch({ topic, partition }: TopicPartition, clock: PartitionClock): void {
    this.#watched.set(clock, { topic, partition, clock, quietSince: this.#clock.monotonic() });
  }

  forget(clock: PartitionClock): void {
    this.#watched.delete(clock);
  }

  /** A record of the partition has been read. */
  active(clock: PartitionClock): void {
    const watched = this.#watched.get(clock);
    if (watched !== undefined) watched.quietSince = this.#clock.monotonic();
  }

  /** The clocks of partitions that are idle now, by a fresh look; empty between looks. */
  tick(): readonly PartitionClock[] {
    const now = this.#clock.monotonic();
    const found = this.#idle.filter((watched) => this.#watched.get(watched.clock) === watched && this.#isQuiet(watched, now));
    this.#idle = [];
    if (!this.#looking && now - this.#lastLook >= LOOK_MS) this.#startLook(now);
    return found.map(({ clock }) => clock);
  }

  #startLook(now: number): void {
    if (now - this.#lastLook > BLOCKED_MS) this.#beginAnew(now);
    this.#lastLook = now;
    const quiet = [...this.#watched.values()].filter((watched) => this.#isQuiet(watched, now));
    if (quiet.length === 0) return;
    this.#looking = true;
    void this.#look(quiet).finally(() => {
      this.#looking = false;
    });
  }

  /** Quiet begins now: nobody knows what came while nothing could be read. */
  #beginAnew(now: number): void {
    for (const watched of this.#watched.values()) {
      watched.quietSince = now;
      watched.clock.wake();
    }
  }

  async #look(quiet: readonly Watched[]): Promise<void> {
    const looks = await Promise.allSettled(
      quiet.map(async (watched) => {
        const end = this.#endOf(watched);
        const { high } = await this.#lookup.watermarks(watched, LOOKUP_WAIT_MS);
        return end >= 0 && high === end;
      }),
    );
    this.#idle = quiet.filter((_, i) => {
      const look = looks[i];
      return look?.status === 'fulfilled' && look.value;
    });
  }

  #isQuiet({ quietSince }: Watched, now: number): boolean {
    return now - quietSince >= this.#timeoutMs;
  }
}
