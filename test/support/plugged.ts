import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectors } from '../../connectors/index.ts';
import { type Registry, renderDiagnostic } from '../../src/config/index.ts';
import { loadPipelineWithPlugins, PluginFaults } from '../../src/plugins/index.ts';
import { headerText } from '../../src/record/headers.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { Engine, type SwapOutcome } from '../../src/runtime/engine.ts';
import { noFaults } from '../../src/runtime/fault-points.ts';
import type { Instance } from '../../src/runtime/instance.ts';
import { steps } from '../../src/steps/index.ts';
import type { ComponentStats } from '../../src/telemetry/stats.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import type { Pipeline } from '../../src/topology/types.ts';
import { FakeKafka } from './fake-kafka.ts';
import { RecordingLog, settingsOf } from './tasks.ts';

/** Where the plugins of tests are. */
export const PLUGINS = fileURLToPath(new URL('./plugins/', import.meta.url));

const registry: Registry = { steps, ...connectors };
const instance = { id: 'i', slot: 0, abandonedIds: () => [], recordIds: () => undefined } as unknown as Instance;

export interface DeadLetterOf {
  readonly value: string | undefined;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** A pipeline with plugins, as the engine runs it, on a Kafka in memory. `yaml` stands in the folder of the tests' plugins. */
export class Plugged {
  readonly clock = new VirtualClock(1_000_000);
  readonly kafka = new FakeKafka(this.clock);
  readonly log = new RecordingLog();
  readonly faults = new PluginFaults();
  readonly engine: Engine;
  readonly #directory: string;
  readonly #stop = new AbortController();
  readonly #running: Promise<boolean>;

  static async start(yaml: string, directory = PLUGINS): Promise<Plugged> {
    const faults = new PluginFaults();
    return new Plugged(await load(yaml, directory, faults), { faults, directory });
  }

  private constructor(pipeline: Pipeline, { faults, directory }: { faults: PluginFaults; directory: string }) {
    const { clock, kafka, log } = this;
    this.faults = faults;
    this.#directory = directory;
    faults.tell((plugin, message) => log.warn(message, { plugin }));
    for (const { name, partitions, external } of pipeline.topics) if (external) kafka.createTopic(name, partitions);
    const at = { pipelines: [pipeline], settings: settingsOf(), kafka, instance, clock, log };
    this.engine = new Engine({ ...at, once: false, awaitsSwaps: true, random: () => 0.5, pass: noFaults });
    this.#running = this.engine.run(this.#stop.signal);
  }

  /** Lets another text of the file, and the plugins as they are now, take the place of what runs. */
  async swap(yaml: string): Promise<SwapOutcome> {
    return await this.clock.run(this.engine.swap([await load(yaml, this.#directory, this.faults)]));
  }

  produce(topic: string, values: readonly JsonObject[]): void {
    this.kafka.produce(
      { topic, partition: 0 },
      values.map((value) => JSON.stringify(value)),
      { key: 'k' },
    );
  }

  values(topic: string): JsonObject[] {
    return this.kafka.logs.has(topic) ? this.kafka.values(topic).map((text) => JSON.parse(text) as JsonObject) : [];
  }

  get dead(): DeadLetterOf[] {
    const topic = 'ns.plugged.dead';
    if (!this.kafka.logs.has(topic)) return [];
    return this.kafka.committed(topic).map(({ value, headers }) => {
      const packed = Buffer.from(headers);
      const header = (name: string): string | undefined => headerText(packed, `millrace.dead.${name}`);
      return { value: value?.toString(), code: header('code'), message: header('message') };
    });
  }

  statsOf(component: string): ComponentStats {
    const stats = this.engine.stats.find((each) => each.component === component);
    if (stats === undefined) throw new Error(`there is no ${component}`);
    return stats;
  }

  async stop(): Promise<boolean> {
    this.#stop.abort(new Error('stop'));
    return await this.clock.run(this.#running);
  }
}

async function load(yaml: string, directory: string, faults: PluginFaults): Promise<Pipeline> {
  const environment = { variables: {}, readFile: () => yaml };
  const { loaded } = await loadPipelineWithPlugins(join(directory, 'p.yaml'), registry, environment, faults);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n'));
  return loaded.pipeline;
}
