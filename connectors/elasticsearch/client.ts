import { readFile } from 'node:fs/promises';
import type { Client, ClientOptions, ConnectionRequestParams, ConnectionRequestResponse } from '@elastic/elasticsearch';
import { MillraceError, reasonOf } from 'millrace/sdk';
import { authorityByFingerprint } from './authority.ts';
import type { ElasticsearchConfig } from './config.ts';

/** Answers requests in place of a server. */
export type Answerer = (asked: ConnectionRequestParams) => ConnectionRequestResponse;

/** A node that failed is left alone for this long, and for twice as long each time it fails again, up to 2^4 times. */
const REST_MS = 5_000;
const REST_DOUBLINGS = 4;

/**
 * Makes a client that only sends: it tries each node once, for what comes after is the runtime's, and it looks for no
 * other nodes than the named. Requests go in turn to the nodes that live. One that failed is tried again by a request
 * that may go on to another node, and all are while none lives.
 * Reads the files of certificates, so that a renewed one is used at the next opening.
 */
export async function createClient(config: ElasticsearchConfig, signal: AbortSignal, answerer?: Answerer): Promise<Client> {
  // Loaded here, since it takes a quarter of a second and many pipelines have no such sink.
  const { Client, ClusterConnectionPool, BaseConnection } = await import('@elastic/elasticsearch');
  // A ping (`HEAD /`) would need a permission of its own, and says nothing of whether documents are taken.
  class LivingNodes extends ClusterConnectionPool {
    constructor(options: ConstructorParameters<typeof ClusterConnectionPool>[0]) {
      super({ ...options, resurrectStrategy: 'optimistic' });
      this.resurrectTimeout = REST_MS;
      this.resurrectTimeoutCutoff = REST_DOUBLINGS;
    }
  }
  class Answered extends BaseConnection {
    override async request(asked: ConnectionRequestParams): Promise<never> {
      return answerer?.(asked) as never;
    }

    override async close(): Promise<void> {}
  }
  const auth = authOf(config);
  const tls = await tlsOf(config, signal);
  return new Client({
    nodes: config.nodes,
    ConnectionPool: LivingNodes,
    // At most one try a node, without a pause between: a dead node alone must not keep a sink from opening.
    maxRetries: config.nodes.length - 1,
    requestTimeout: config.request_timeout,
    compression: config.compression,
    sniffOnStart: false,
    sniffOnConnectionFault: false,
    // The default copies every error's request, byte by byte as an object's fields, to hide passwords in it: a failed
    // body of 5 MB would block the process for seconds. No such error leaves this folder, so there is nothing to hide.
    redaction: { type: 'off' },
    ...(auth && { auth }),
    ...(tls && { tls }),
    ...(answerer && { Connection: Answered, compression: false }),
  });
}

function authOf(config: ElasticsearchConfig): ClientOptions['auth'] {
  if (config.api_key !== undefined) return { apiKey: config.api_key };
  if (config.bearer_token !== undefined) return { bearer: config.bearer_token };
  if (config.username !== undefined && config.password !== undefined)
    return { username: config.username, password: config.password };
  return undefined;
}

async function tlsOf({ tls, nodes, request_timeout }: ElasticsearchConfig, signal: AbortSignal): Promise<ClientOptions['tls']> {
  if (tls === undefined) return undefined;
  const node = nodes.join(', ');
  const read = (path: string | undefined): Promise<Buffer | undefined> => readIfGiven(path, node, signal);
  const [ca, cert, key] = await Promise.all([read(tls.ca), read(tls.certificate), read(tls.key)]);
  const timed = AbortSignal.any([signal, AbortSignal.timeout(request_timeout)]);
  const pinned = tls.ca_fingerprint === undefined ? undefined : await authorityByFingerprint(nodes, tls.ca_fingerprint, timed);
  const authority = ca ?? pinned;
  return {
    rejectUnauthorized: !tls.insecure_skip_verify,
    ...(authority && { ca: authority }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
}

async function readIfGiven(path: string | undefined, node: string, signal: AbortSignal): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new MillraceError('ES_TLS', { node, reason: `reading the file ${path}: ${reasonOf(error)}` });
  }
}
