import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createKafka } from '../../src/kafka/index.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { clusterAddress, uniqueName } from './cluster.ts';
import { allDocuments, call, countDocuments, deleteIndex } from './elasticsearch.ts';
import { streamTopic } from './foreign-reader.ts';
import { EXACT, LogFiles, Tally, type TallyReport } from './numbered-lines.ts';
import { type MillraceProcess, startMillrace } from './processes.ts';
import { eventually } from './wait.ts';

const ADMIN_WAIT_MS = 30_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export interface ShipmentOptions {
  /** Names of the log files; default three. */
  readonly files?: readonly string[];
  /** Settings beside the shipment's own, as `setting=value`. */
  readonly settings?: readonly string[];
  /** Pieces of the pipeline file that differ: lines in place of the default ones, indented as there. */
  readonly stream?: string;
  readonly sink?: string;
  /** More options of the file source, as in a flow mapping: `compressed: gzip`. */
  readonly source?: string;
  /** More sinks, as lines of the pipeline file. */
  readonly moreSinks?: (shipment: Shipment) => string;
  readonly partitions?: number;
  readonly delivery?: 'at_least_once';
  /** Leaves the making of the index to Elasticsearch, so that what it acknowledges outlives a crash of its own. */
  readonly plainIndex?: true;
}

export interface StartOptions {
  /** `point:n`: the process kills itself there (src/runtime/fault-points.ts). */
  readonly crashAt?: string;
  readonly args?: readonly string[];
  /** The pipeline files; default all three parts in one file. */
  readonly files?: readonly string[];
  /** Of the processes' data directories; processes with the same one are siblings. */
  readonly data?: string;
}

/** Where a shipment's records are looked for. */
export type Place = 'raw' | 'events' | 'documents';

/**
 * Numbered lines on their way from files over two topics to Elasticsearch, with topics, index and namespace of its own: file ->
 * raw -> parse -> events -> documents. What arrived is read by Kafka's Java client and by plain requests, not by our code.
 */
export class Shipment {
  readonly name: string;
  readonly directory: string;
  readonly logs: LogFiles;
  readonly raw: string;
  readonly events: string;
  readonly index: string;
  /** The whole flow in one pipeline file. */
  readonly pipeline: string;
  /** The same flow in three files, so that its parts run in processes of their own. */
  readonly parts: { readonly source: string; readonly stream: string; readonly sink: string };
  readonly #settings: readonly string[];

  private constructor(name: string, directory: string, options: ShipmentOptions) {
    this.name = name;
    this.directory = directory;
    this.logs = new LogFiles(join(directory, 'logs'), options.files ?? ['a.log', 'b.log', 'c.log']);
    this.raw = `${name}.raw`;
    this.events = `${name}.events`;
    this.index = name;
    this.pipeline = join(directory, 'pipeline.yaml');
    this.parts = {
      source: join(directory, 'source.yaml'),
      stream: join(directory, 'stream.yaml'),
      sink: join(directory, 'sink.yaml'),
    };
    this.#settings = options.settings ?? [];
  }

  static async create(prefix: string, options: ShipmentOptions = {}): Promise<Shipment> {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-shipment-'));
    const shipment = new Shipment(uniqueName(prefix), directory, options);
    await shipment.#writeFiles(options);
    if (options.plainIndex !== true) await shipment.#makeFastIndex();
    return shipment;
  }

  /** The settings of this shipment's processes, as arguments. */
  get settings(): string[] {
    const own = [
      `kafka.brokers=${clusterAddress().brokers}`,
      `namespace=${this.name}`,
      'host=shipper',
      'admin.enabled=false',
      'log.format=text',
      ...this.#settings,
    ];
    return own.flatMap((setting) => ['-s', setting]);
  }

  dataDirectory(name = 'data'): string {
    return join(this.directory, name);
  }

  group(task: 'parse' | 'search'): string {
    return `${this.name}.shipment.${task}`;
  }

  start({ crashAt, args = [], files = [this.pipeline], data }: StartOptions = {}): MillraceProcess {
    const all = ['run', ...files, ...this.settings, '-s', `data_directory=${this.dataDirectory(data)}`, ...args];
    return startMillrace(all, crashAt === undefined ? {} : { env: { MILLRACE_TEST_CRASH_AT: crashAt } });
  }

  /** Waits until Elasticsearch has at least `count` documents; gives up when none was added for `patience` ms. */
  async delivered(count: number, patience = 60_000): Promise<void> {
    let last = -1;
    for (;;) {
      const before = last;
      last = await eventually(
        async () => {
          const now = await countDocuments(clusterAddress().elasticsearch, this.index);
          return now > before || now >= count ? now : undefined;
        },
        { what: `more than ${before} of ${count} documents in ${this.index}`, timeout: patience, interval: 250 },
      );
      if (last >= count) return;
    }
  }

  /** What is in one place of the lines written so far. */
  async tally(place: Place): Promise<TallyReport> {
    const tally = new Tally(this.logs.written);
    await this.collect(place, tally);
    return tally.report();
  }

  /** Counts what is in one place into `tally`. */
  async collect(place: Place, tally: Tally): Promise<void> {
    if (place === 'documents') {
      for await (const { _source } of allDocuments(clusterAddress().elasticsearch, this.index)) tally.add(originalOf(_source));
      return;
    }
    for await (const { value } of streamTopic(clusterAddress().brokers, place === 'raw' ? this.raw : this.events)) {
      const record = JSON.parse(String(value)) as Readonly<Record<string, unknown>>;
      tally.add(place === 'raw' ? record['message'] : originalOf(record));
    }
  }

  /** That every line written is in both topics and in Elasticsearch exactly once, byte for byte. */
  async expectExact(places: readonly Place[] = ['raw', 'events', 'documents']): Promise<void> {
    for (const place of places) {
      expect({ place, ...(await this.tally(place)) }).toEqual({ place, ...EXACT });
      process.stdout.write(`${this.name}: ${this.logs.written} lines, ${place}: each once, byte for byte\n`);
    }
  }

  /** Takes everything away. Brokers with very many partitions start slowly, which the tests that kill brokers would feel. */
  async dispose(): Promise<void> {
    await deleteIndex(clusterAddress().elasticsearch, this.index);
    await deleteTopicsOf(`${this.name}.`);
    await rm(this.directory, { recursive: true, force: true });
  }

  /** An index that is not written through to the disk at every request, which on a busy one takes seconds. */
  async #makeFastIndex(): Promise<void> {
    const settings = { number_of_replicas: 0, 'translog.durability': 'async' };
    await call(clusterAddress().elasticsearch, 'PUT', `/${this.index}`, { settings: { index: settings } });
  }

  async #writeFiles(options: ShipmentOptions): Promise<void> {
    const partitions = options.partitions ?? 4;
    const delivery = options.delivery === undefined ? '' : `delivery: ${options.delivery}\n`;
    const head = (name: string): string => `pipeline: ${name}\n${delivery}topics:\n`;
    const rawTopic = `  ${this.raw}: { partitions: ${partitions} }\n`;
    const eventsTopic = `  ${this.events}: { partitions: ${partitions} }\n`;
    const { source, stream, sink } = this.#sections(options);
    await writeFile(
      this.pipeline,
      `${head('shipment')}${rawTopic}${eventsTopic}${source}${stream}${sink}${options.moreSinks?.(this) ?? ''}`,
    );
    await writeFile(this.parts.source, `${head('shipment')}${rawTopic}${source}`);
    await writeFile(this.parts.stream, `${head('shipment')}  ${this.raw}: { external: true }\n${eventsTopic}${stream}`);
    await writeFile(this.parts.sink, `${head('shipment')}  ${this.events}: { external: true }\n${sink}`);
  }

  #sections(options: ShipmentOptions): { source: string; stream: string; sink: string } {
    const steps = options.stream ?? '    steps:\n      - parse: apache_combined\n';
    const sink = options.sink ?? '';
    const more = options.source === undefined ? '' : `, ${options.source}`;
    const nodes = clusterAddress().elasticsearch;
    return {
      source: `sources:\n  log:\n    file: { include: [ "${this.logs.directory}/*.log*" ], poll_interval: 50ms${more} }\n    to: ${this.raw}\n`,
      stream: `streams:\n  parse:\n    from: ${this.raw}\n${steps}    to: ${this.events}\n`,
      sink: `sinks:\n  search:\n    from: ${this.events}\n${sink}    elasticsearch: { nodes: [ "${nodes}" ], index: ${this.index} }\n`,
    };
  }
}

function originalOf(value: Readonly<Record<string, unknown>>): unknown {
  const event = value['event'];
  return typeof event === 'object' && event !== null && 'original' in event ? event.original : undefined;
}

/** Deletes the topics whose names begin with `prefix`, without waiting until they are gone. */
export async function deleteTopicsOf(prefix: string): Promise<void> {
  const connection = { brokers: clusterAddress().brokers, clientId: 'shipment', options: {} };
  const admin = createKafka(connection, { batches: 'auto', log: quiet, clock: systemClock }).admin();
  try {
    const { topics } = await admin.describeCluster(ADMIN_WAIT_MS);
    const names = topics.map(({ name }) => name).filter((name) => name.startsWith(prefix));
    await admin.deleteTopics(names, ADMIN_WAIT_MS);
  } finally {
    await admin.close();
  }
}
