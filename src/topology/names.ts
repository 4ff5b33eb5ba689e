/**
 * The names of everything that Millrace keeps in Kafka (DESIGN.md, "Names and formats"). They are a format: a changed
 * name loses the offsets, positions or dead letters of running pipelines. The namespace comes from the settings, so that
 * several installations can share a cluster.
 */
export class Names {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** The consumer group of a stream or sink. */
  group(pipeline: string, task: string): string {
    return `${this.#namespace}.${pipeline}.${task}`;
  }

  /** The topic in which sources keep their positions: compacted, a partition per source (by hash). */
  get positions(): string {
    return `${this.#namespace}.positions`;
  }

  /** The topic of topics' incarnations: compacted, one partition. */
  get meta(): string {
    return `${this.#namespace}.meta`;
  }

  /** The topic of a pipeline's dead letters. */
  dead(pipeline: string): string {
    return `${this.#namespace}.${pipeline}.dead`;
  }

  /** The topic by which replayed dead letters come back to the task that gave them up, and to no other. */
  retry(pipeline: string, task: string): string {
    return `${this.#namespace}.${pipeline}.${task}.retry`;
  }

  /** The topic by which a stream's records are brought together anew for the stage that is called `stage`. */
  repartition(pipeline: string, stage: string): string {
    return `${this.#namespace}.${pipeline}.${stage}.repartition`;
  }

  /** The topic of the state and the watermarks of a stage of a stream. */
  changelog(pipeline: string, stage: string): string {
    return `${this.#namespace}.${pipeline}.${stage}.changelog`;
  }

  /** The transactional id of a stream or sink in one slot of one instance. */
  transactionalId(pipeline: string, task: string, place: { instance: string; slot: number }): string {
    return `${this.#namespace}.${pipeline}.${task}.${place.instance}.${place.slot}`;
  }

  /** The transactional ids of a source: they go by host, so that a second one there fences the first. */
  sourceTransactionalIds(pipeline: string, source: string, host: string): readonly [string, string] {
    const id = `${this.#namespace}.${pipeline}.${source}.${host}`;
    return [id, this.secondTransactionalId(id)];
  }

  /** The transactional id of a task's second producer, which takes turns with the one of `id` while commits follow closely. */
  secondTransactionalId(id: string): string {
    return `${id}-second`;
  }

  /** The key prefix of a source's positions; the input's own key follows. */
  positionKey(pipeline: string, source: string, host: string): string {
    return `${pipeline}/${source}/${host}/`;
  }
}
