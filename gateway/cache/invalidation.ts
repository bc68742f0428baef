/** Something changed in a subgraph: what was derived from it and bears one of the tags is stale. */
export interface Invalidation {
  /** Name of the subgraph. */
  readonly source: string;
  readonly tags: readonly string[];
  /** The subgraph's clock at the change; loads that start later must be at least that new. */
  readonly operationTime?: string | undefined;
  /** How it became known: by the mutation that did it, the subgraph's feed, another gateway, or an operator. */
  readonly by: 'mutation' | 'feed' | 'replica' | 'operator';
}

/** Purges everything that came from a subgraph. */
export function subgraphTag(name: string): string {
  return `subgraph:${name}`;
}

/** Purges every record with an entity of this type in it. */
export function typeTag(typename: string): string {
  return `type:${typename}`;
}
