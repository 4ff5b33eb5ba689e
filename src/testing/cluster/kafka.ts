import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../sdk/clock.ts';
import { artifact } from './artifacts.ts';
import type { Command, ServerDefinition } from './definition.ts';
import { findJava, javaArguments } from './java.ts';
import { fetchMetadata } from './metadata.ts';
import type { ClusterSite } from './site.ts';
import { fillTemplate } from './template.ts';
import { registeredBrokers } from './zookeeper.ts';

export type BrokerId = 1 | 2 | 3;

const HEAP_MB = 512;

/** One Kafka broker; its id is its number. */
export function kafkaServer(site: ClusterSite, id: BrokerId): ServerDefinition {
  const name = `kafka-${id}` as const;
  const directory = join(site.directory, name);
  const port = site.ports.kafka[id - 1] as number;
  return {
    name,
    port,
    prepare: async (report): Promise<Command> => {
      const java = await findJava(site.environment);
      const jars = await artifact('kafka', site.environment, report);
      await mkdir(directory, { recursive: true });
      const settings = join(directory, 'kafka.properties');
      const values = { id, port, zookeeper: site.ports.zookeeper, directory: join(directory, 'data') };
      await writeFile(settings, await fillTemplate('kafka.properties', values));
      await waitForOldSession(site.ports.zookeeper, id);
      const args = [...javaArguments(jars, HEAP_MB), 'kafka.Kafka', settings];
      return { program: java.program, args, cwd: directory, env: site.environment };
    },
    check: async (): Promise<void> => {
      const { brokers, controller } = await fetchMetadata(port);
      if (!brokers.includes(id)) throw new Error('it is not registered yet');
      if (controller < 0) throw new Error('it knows no controller yet');
    },
  };
}

/**
 * A killed broker's registration lives until its session with ZooKeeper ends, and while it lives a new process with the same
 * id ends at once ("KeeperErrorCode = NodeExists"). So wait it out, which takes at most `zookeeper.session.timeout.ms`.
 */
async function waitForOldSession(zookeeper: number, id: BrokerId): Promise<void> {
  const deadline = systemClock.monotonic() + 30_000;
  while (systemClock.monotonic() < deadline) {
    // Without ZooKeeper there is nothing to wait for: the broker itself waits until it is there.
    const registered = await registeredBrokers(zookeeper).catch((): number[] => []);
    if (!registered.includes(id)) return;
    await systemClock.sleep(200);
  }
}
