/** The variables of a request, not coerced yet. */
export type Variables = Readonly<Record<string, unknown>>;

/** What one field of an operation costs; leaves that cost nothing are left out. */
export interface CostNode {
  readonly responseName: string;
  /** The subgraph that the field is counted for. */
  readonly subgraph: string | undefined;
  /** Of one element, or of the one value. */
  readonly weight: number;
  /** Whether variables leave it out. */
  isSkipped(variables: Variables): boolean;
  /** Of its arguments; paid once for each of its parents. */
  argumentsCost(variables: Variables): number;
  /** How many elements it is taken to have; 1 for what is no list. */
  size(variables: Variables): number;
  readonly children: readonly CostNode[];
}

export interface Cost {
  readonly total: number;
  readonly bySubgraph: ReadonlyMap<string, number>;
}

/** What all of it costs by what is known before it runs. */
export function estimateCost(roots: readonly CostNode[], base: number, variables: Variables): Cost {
  const bySubgraph = new Map<string, number>();
  let total = base;
  const add = (nodes: readonly CostNode[], parents: number): void => {
    for (const node of nodes) {
      if (node.isSkipped(variables)) continue;
      const elements = parents * node.size(variables);
      const cost = elements * node.weight + parents * node.argumentsCost(variables);
      total += cost;
      if (node.subgraph !== undefined && cost > 0) {
        bySubgraph.set(node.subgraph, (bySubgraph.get(node.subgraph) ?? 0) + cost);
      }
      add(node.children, elements);
    }
  };
  add(roots, 1);
  return { total, bySubgraph };
}

/** What it has cost, by the lists as they came. What is null costs its arguments alone. */
export function measureCost(
  roots: readonly CostNode[],
  base: number,
  variables: Variables,
  data: Readonly<Record<string, unknown>>,
): number {
  let total = base;
  const addValue = (node: CostNode, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      for (const element of value) addValue(node, element);
      return;
    }
    total += node.weight;
    if (node.children.length > 0 && typeof value === 'object') {
      addObject(node.children, value as Readonly<Record<string, unknown>>);
    }
  };
  const addObject = (nodes: readonly CostNode[], object: Readonly<Record<string, unknown>>): void => {
    for (const node of nodes) {
      if (!Object.hasOwn(object, node.responseName)) continue;
      total += node.argumentsCost(variables);
      addValue(node, object[node.responseName]);
    }
  };
  addObject(roots, data);
  return total;
}
