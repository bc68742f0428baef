/** A query that reaches every shard on purpose. */
export interface ScatterQuery {
  readonly collection: string;
  /** The fields by which such a query can be known: it carries none of the shard key, but filters or sorts by one of these. */
  readonly by: readonly string[];
  readonly reason: string;
}
