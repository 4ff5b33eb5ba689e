import { createConnection, createServer } from 'node:net';
import { MillraceError } from '../../errors/index.ts';

/** Where the servers of a cluster listen, all on 127.0.0.1. */
export interface ClusterPorts {
  readonly zookeeper: number;
  /** One port for each broker, by its number less one. */
  readonly kafka: readonly [number, number, number];
  readonly elasticsearch: number;
  /** Elasticsearch's port for other nodes: nobody connects, but it cannot be switched off. */
  readonly elasticsearchTransport: number;
}

export const DEFAULT_PORTS: ClusterPorts = {
  zookeeper: 2181,
  kafka: [9092, 9093, 9094],
  elasticsearch: 9200,
  elasticsearchTransport: 9300,
};

/** How many ports a cluster takes. */
const BLOCK = 6;

/** A block of neighbouring ports that begins at `first`: ZooKeeper, three brokers, Elasticsearch and its transport. */
export function portBlock(first: number): ClusterPorts {
  return {
    zookeeper: first,
    kafka: [first + 1, first + 2, first + 3],
    elasticsearch: first + 4,
    elasticsearchTransport: first + 5,
  };
}

/** Ports as a user writes them: the first of a block, or `name=port` pairs over the defaults (`kafka` is the first of three). */
export function parsePorts(text: string): ClusterPorts {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return portBlock(portNumber(text, trimmed, BLOCK));
  let ports = DEFAULT_PORTS;
  for (const pair of trimmed.split(',')) {
    const [name, value] = pair.split('=').map((part) => part.trim());
    if (value === undefined) throw new MillraceError('CLUSTER_PORTS', { text, reason: `"${pair}" is not a pair` });
    if (name === 'zookeeper') {
      ports = { ...ports, zookeeper: portNumber(text, value, 1) };
    } else if (name === 'kafka') {
      const first = portNumber(text, value, 3);
      ports = { ...ports, kafka: [first, first + 1, first + 2] };
    } else if (name === 'elasticsearch') {
      const http = portNumber(text, value, 1 + TRANSPORT_DISTANCE);
      ports = { ...ports, elasticsearch: http, elasticsearchTransport: http + TRANSPORT_DISTANCE };
    } else {
      throw new MillraceError('CLUSTER_PORTS', { text, reason: `"${name ?? ''}" is none of zookeeper, kafka, elasticsearch` });
    }
  }
  return ports;
}

/** Elasticsearch's own custom: 9200 for clients, 9300 for nodes. */
const TRANSPORT_DISTANCE = 100;

function portNumber(text: string, value: string, count: number): number {
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port + count - 1 <= 65_535) return port;
  throw new MillraceError('CLUSTER_PORTS', { text, reason: `"${value}" is no port from 1 to ${65_536 - count}` });
}

/** Whether somebody accepts connections on a port of this machine. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const answer = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

/**
 * A block of ports that are free now. It lies below the range from which the system takes ports for outgoing connections:
 * a server that is killed and started again must find its port still free.
 */
export async function findFreePorts(): Promise<ClusterPorts> {
  const [lowest, highest] = [20_000, 32_000];
  for (;;) {
    const ports = portBlock(lowest + BLOCK * Math.floor((Math.random() * (highest - lowest)) / BLOCK));
    const all = [ports.zookeeper, ...ports.kafka, ports.elasticsearch, ports.elasticsearchTransport];
    if ((await Promise.all(all.map(canListen))).every((free) => free)) return ports;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
