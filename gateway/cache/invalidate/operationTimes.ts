import { type OperationTime, parseOperationTime } from '../../../platform/database/operationTime.js';

/** An embedded database is a new cluster with each start: only the last few matter. */
const MAX_CLUSTERS = 8;

/** The latest change known of each subgraph, per cluster, since times of two clusters do not compare. */
export class OperationTimes {
  readonly #bySubgraph = new Map<string, Map<string, OperationTime>>();

  /** Ignores what is no operation time, and what is older than what is known. */
  note(subgraph: string, text: string | undefined): void {
    const parsed = text === undefined ? undefined : parseOperationTime(text);
    if (parsed === undefined) return;
    const time = text as OperationTime;
    const clusters = this.#bySubgraph.get(subgraph) ?? new Map<string, OperationTime>();
    this.#bySubgraph.set(subgraph, clusters);
    const known = clusters.get(parsed.cluster);
    // Last in the map is the cluster that was heard of last.
    clusters.delete(parsed.cluster);
    clusters.set(parsed.cluster, known !== undefined && known > time ? known : time);
    if (clusters.size > MAX_CLUSTERS) clusters.delete(clusters.keys().next().value as string);
  }

  /** Of the cluster that was heard of last; `undefined` as long as none was. */
  latest(subgraph: string): OperationTime | undefined {
    return [...(this.#bySubgraph.get(subgraph)?.values() ?? [])].at(-1);
  }

  inCluster(subgraph: string, cluster: string): OperationTime | undefined {
    return this.#bySubgraph.get(subgraph)?.get(cluster);
  }
}
