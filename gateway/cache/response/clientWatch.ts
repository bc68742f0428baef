/** Tells of one client whether it still waits for its answer. */
export interface ClientWatch {
  /**
   * Aborted when the client goes away. Made when it is first asked for: for one that only waits for another one's load, a
   * signal with a listener is a good part of the cost.
   */
  readonly signal: AbortSignal;
  /** Calls back when the client goes away; at once, when it has gone already. */
  whenGone(leave: (reason: unknown) => void): void;
}
