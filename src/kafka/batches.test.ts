import { afterAll, beforeAll } from 'vitest';
import { batchContract } from '../../test/integration/kafka/contract.ts';
import { silent } from '../../test/integration/kafka/harness.ts';
import { type EmbeddedCluster, startEmbedded } from './embedded.ts';

/** The contract of both paths on the embedded cluster; on real brokers it runs in test/integration/kafka. */
let cluster: EmbeddedCluster;
beforeAll(async () => {
  cluster = await startEmbedded(silent);
});
afterAll(() => cluster.close());

for (const path of ['native', 'fallback'] as const) batchContract(path, { brokers: () => cluster.brokers, embedded: true });
