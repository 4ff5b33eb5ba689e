import { LocalCluster } from './cluster.ts';
import { type ClusterOptions, resolveSite } from './site.ts';

export { artifact } from './artifacts.ts';
export { LocalCluster, type ServerStatus } from './cluster.ts';
export { SERVER_NAMES, type ServerName } from './definition.ts';
export { findJava, type Java } from './java.ts';
export { type ClusterPorts, findFreePorts, parsePorts, portBlock } from './ports.ts';
export type { LocalServer } from './server.ts';
export type { ClusterOptions, ClusterPart, ElasticsearchSecurity } from './site.ts';

/** The cluster of a directory, running or not; nothing is started before {@link LocalCluster.up}. */
export function openCluster(options: ClusterOptions = {}): LocalCluster {
  return new LocalCluster(resolveSite(options), options);
}
