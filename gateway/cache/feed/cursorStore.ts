/**
 * Remembers, per subgraph, the cursor up to which a cache that outlives this process has been purged. It has to be as
 * durable as that cache and no more: when the cache loses what it knew, the cursor should be gone as well.
 */
export interface CursorStore {
  /**
   * `undefined` when there is none.
   * @throws when the store cannot be asked, within a deadline of its own
   */
  load(subgraph: string): Promise<string | undefined>;
  /**
   * Only to be called once every purge up to the cursor is done.
   * @throws when it was perhaps not saved, within a deadline of its own
   */
  save(subgraph: string, cursor: string): Promise<void>;
}
