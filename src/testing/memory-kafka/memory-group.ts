import type { RebalanceEvent, TopicPartition, TopicPartitionOffset } from '../../kafka/types.ts';

/** A member of a consumer group, as the coordinator sees it. */
export interface MemoryMember {
  readonly id: number;
  topics: readonly string[];
  /** Under `range` a rebalance takes everything from everybody, and gives equal numbers of all topics to one member. */
  readonly strategy?: 'cooperative-sticky' | 'range' | undefined;
  deliver(event: RebalanceEvent): void;
}

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/**
 * A consumer group under a cooperative protocol, or the eager one of `range`: who is to have which partition, who has it, and
 * what is committed. A partition goes to its next owner only once the last one has given it up, or has been expelled.
 */
export class MemoryGroup {
  readonly committed = new Map<string, number>();
  /** Offsets of transactions that have not ended, by partition. */
  readonly pending = new Map<string, Set<object>>();
  /** Looks at every commit as it takes effect. */
  onCommit: (offsets: readonly TopicPartitionOffset[]) => void = () => undefined;
  readonly #members = new Map<number, MemoryMember>();
  readonly #owners = new Map<string, { partition: TopicPartition; member: MemoryMember }>();
  readonly #revoking = new Set<MemoryMember>();
  readonly #lost = new Set<MemoryMember>();
  readonly #partitionsOf: (topic: string) => number;
  #shift = 0;
  /** A rebalance of the eager protocol is under way, or due. */
  #stale = false;
  #sharing = false;

  constructor(partitionsOf: (topic: string) => number) {
    this.#partitionsOf = partitionsOf;
  }

  get members(): readonly MemoryMember[] {
    return [...this.#members.values()];
  }

  /** Whether the group has expelled the member and the member has not noticed all of it. */
  isExpelled(member: MemoryMember): boolean {
    return this.#lost.has(member) || !this.#members.has(member.id);
  }

  join(member: MemoryMember): void {
    this.#members.set(member.id, member);
    this.#stale = true;
    member.deliver({ kind: 'assign', partitions: [], lost: false });
    this.reconcile();
  }

  leave(member: MemoryMember): void {
    this.#members.delete(member.id);
    this.#lost.delete(member);
    this.#revoking.delete(member);
    this.#disown(member);
    this.#stale = true;
    this.reconcile();
  }

  /** Shares the partitions out differently, as when the assignor has changed its mind. */
  rotate(): void {
    this.#shift += 1;
    this.#stale = true;
    this.reconcile();
  }

  /** The member's session ends: its partitions go to others at once, and it is told afterwards. */
  expel(member: MemoryMember): void {
    if (!this.#members.has(member.id) || this.#lost.has(member) || this.#revoking.has(member)) return;
    const had = this.ownedBy(member);
    this.#lost.add(member);
    this.#disown(member);
    this.#stale = true;
    this.reconcile();
    member.deliver({ kind: 'revoke', partitions: had, lost: true });
  }

  /** The member has given up what it was asked to. */
  revoked(member: MemoryMember, event: RebalanceEvent): void {
    if (event.lost && this.#lost.delete(member)) this.#stale = true;
    this.#revoking.delete(member);
    if (!event.lost) for (const partition of event.partitions) this.#owners.delete(keyOf(partition));
    this.reconcile();
  }

  ownedBy(member: MemoryMember): TopicPartition[] {
    return [...this.#owners.values()].filter((entry) => entry.member === member).map(({ partition }) => partition);
  }

  commit(offsets: readonly TopicPartitionOffset[]): void {
    for (const one of offsets) this.committed.set(keyOf(one), one.offset);
    this.onCommit(offsets);
  }

  /** Moves the group one step towards the assignment it is to have. */
  reconcile(): void {
    if (this.members.some(({ strategy }) => strategy === 'range')) {
      this.#shareEagerly();
      return;
    }
    const target = this.#target();
    for (const member of this.members) {
      if (this.#revoking.has(member) || this.#lost.has(member)) continue;
      const leaving = this.ownedBy(member).filter((partition) => target.get(keyOf(partition))?.member !== member);
      if (leaving.length > 0) {
        this.#revoking.add(member);
        member.deliver({ kind: 'revoke', partitions: leaving, lost: false });
      }
    }
    for (const member of this.members) {
      if (this.#lost.has(member)) continue;
      const arriving = [...target.values()]
        .filter((entry) => entry.member === member && !this.#owners.has(keyOf(entry.partition)))
        .map(({ partition }) => partition);
      if (arriving.length === 0) continue;
      for (const partition of arriving) this.#owners.set(keyOf(partition), { partition, member });
      member.deliver({ kind: 'assign', partitions: arriving, lost: false });
    }
  }

  /** Everybody gives up everything, and only then anybody gets anything. */
  #shareEagerly(): void {
    if (this.#sharing) return;
    this.#sharing = true;
    while (this.#stale && this.#allGivenUp()) {
      this.#stale = false;
      const target = this.#rangeTarget();
      for (const [key, entry] of target) this.#owners.set(key, entry);
      for (const member of this.members.filter((one) => !this.#lost.has(one))) {
        member.deliver({ kind: 'assign', partitions: this.ownedBy(member), lost: false });
      }
    }
    this.#sharing = false;
  }

  #allGivenUp(): boolean {
    for (const member of this.members) {
      const had = this.ownedBy(member);
      if (had.length === 0 || this.#revoking.has(member) || this.#lost.has(member)) continue;
      this.#revoking.add(member);
      member.deliver({ kind: 'revoke', partitions: had, lost: false });
    }
    return this.#revoking.size === 0;
  }

  /** Of each topic, a span of its partitions to each member. */
  #rangeTarget(): Map<string, { partition: TopicPartition; member: MemoryMember }> {
    const members = this.members.filter((member) => !this.#lost.has(member));
    const target = new Map<string, { partition: TopicPartition; member: MemoryMember }>();
    for (const topic of new Set(members.flatMap(({ topics }) => topics))) {
      const count = this.#partitionsOf(topic);
      for (let partition = 0; partition < count; partition += 1) {
        const turn = Math.floor((partition * members.length) / count) + this.#shift;
        const member = members[turn % members.length] as MemoryMember;
        target.set(`${topic}/${partition}`, { partition: { topic, partition }, member });
      }
    }
    return target;
  }

  #disown(member: MemoryMember): void {
    for (const [key, entry] of this.#owners) if (entry.member === member) this.#owners.delete(key);
  }

  #target(): Map<string, { partition: TopicPartition; member: MemoryMember }> {
    const members = this.members.filter((member) => !this.#lost.has(member));
    const target = new Map<string, { partition: TopicPartition; member: MemoryMember }>();
    let turn = this.#shift;
    for (const topic of new Set(members.flatMap(({ topics }) => topics))) {
      for (let partition = 0; partition < this.#partitionsOf(topic); partition += 1) {
        const member = members[turn % members.length] as MemoryMember;
        target.set(`${topic}/${partition}`, { partition: { topic, partition }, member });
        turn += 1;
      }
    }
    return target;
  }
}
