/** The schemas do not fit together. Each fault is one line with its code and, where known, its subgraph. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError';
  constructor(readonly faults: readonly string[]) {
    super(`the subgraphs do not compose:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}
