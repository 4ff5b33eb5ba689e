import { describe, inject } from 'vitest';
import { type LocalCluster, openCluster } from '../../src/testing/cluster/index.ts';
import type { TestClusterAddress } from './cluster-setup.ts';

const address = inject('cluster');

/** `describe` for tests on the cluster: left out where the machine has none (never in CI, where that is an error). */
export const describeOnCluster: typeof describe.skip = describe.skipIf(address === null);

/** How to reach the cluster of this run. */
export function clusterAddress(): TestClusterAddress {
  if (address === null) throw new Error('this test needs the cluster; put it into describeOnCluster');
  return address;
}

/** The cluster of this run, for tests that stop, pause and kill its servers. They bring it back (`up`) when they end. */
export function testCluster(): LocalCluster {
  return openCluster({ directory: clusterAddress().directory });
}

let count = 0;

/** A name that nobody else uses, in this run or another: for topics, indices, groups and namespaces. */
export function uniqueName(prefix: string): string {
  count += 1;
  return `${prefix}-${process.pid}-${Date.now().toString(36)}-${count}`;
}
