import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifact } from './artifacts.ts';
import type { Command, ServerDefinition } from './definition.ts';
import { exchange } from './exchange.ts';
import { findJava, javaArguments } from './java.ts';
import type { ClusterSite } from './site.ts';
import { fillTemplate } from './template.ts';

/** One ZooKeeper node. */
export function zookeeperServer(site: ClusterSite): ServerDefinition {
  const directory = join(site.directory, 'zookeeper');
  const port = site.ports.zookeeper;
  return {
    name: 'zookeeper',
    port,
    prepare: async (report): Promise<Command> => {
      const java = await findJava(site.environment);
      const jars = await artifact('kafka', site.environment, report);
      await mkdir(directory, { recursive: true });
      const settings = join(directory, 'zookeeper.properties');
      await writeFile(settings, await fillTemplate('zookeeper.properties', { directory: join(directory, 'data'), port }));
      const args = [...javaArguments(jars, 256), 'org.apache.zookeeper.server.quorum.QuorumPeerMain', settings];
      return { program: java.program, args, cwd: directory, env: site.environment };
    },
    check: async (): Promise<void> => {
      const answer = await askZookeeper(port, 'ruok');
      if (answer !== 'imok') throw new Error(`it answers ruok with "${answer}" instead of "imok"`);
    },
  };
}

/** The ids of the brokers that have a living session with ZooKeeper. */
export async function registeredBrokers(port: number): Promise<number[]> {
  const dump = await askZookeeper(port, 'dump');
  return Array.from(dump.matchAll(/\/brokers\/ids\/(\d+)/g), (match) => Number(match[1]));
}

/** Sends a four-letter word; ZooKeeper answers and closes the connection. */
async function askZookeeper(port: number, word: 'ruok' | 'dump'): Promise<string> {
  return (await exchange(port, Buffer.from(word), () => false)).toString();
}
