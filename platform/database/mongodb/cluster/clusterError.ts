/** The cluster is not what the topology says, and making it so by itself could lose data. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}
