/** The sample subgraphs, in the order in which they start: orders asks products. */
export const SUBGRAPH_NAMES = ['products', 'inventory', 'orders'] as const;
export type SubgraphName = (typeof SUBGRAPH_NAMES)[number];
