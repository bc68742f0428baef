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
  /** Of those that have a part in it. */
  readonly bySubgraph: ReadonlyMap<string, number>;
}

/** Adds up what is counted for whom. */
class CostSum implements Cost {
  readonly bySubgraph = new Map<string, number>();
  total: number;

  constructor(base: number) {
    this.total = base;
  }

  add({ subgraph }: CostNode, cost: number): void {
    this.total += cost;
    if (subgraph === undefined || !(cost > 0)) return;
    this.bySubgraph.set(subgraph, (this.bySubgraph.get(subgraph) ?? 0) + cost);
  }
}

/** What all of it costs by what is known before it runs. */
export function estimateCost(roots: readonly CostNode[], base: number, variables: Variables): Cost {
  const sum = new CostSum(base);
  const add = (nodes: readonly CostNode[], parents: number): void => {
    for (const node of nodes) {
      if (node.isSkipped(variables)) continue;
      const elements = parents * node.size(variables);
      sum.add(node, elements * node.weight + parents * node.argumentsCost(variables));
      add(node.children, elements);
    }
  };
  add(roots, 1);
  return sum;
}

/** What it has cost, by the lists as they came. What is null costs its arguments alone. */
export function measureCost(
  roots: readonly CostNode[],
  base: number,
  variables: Variables,
  data: Readonly<Record<string, unknown>>,
): Cost {
  const sum = new CostSum(base);
  const addValue = (node: CostNode, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      for (const element of value) addValue(node, element);
      return;
    }
    sum.add(node, node.weight);
    if (node.children.length > 0 && typeof value === 'object') {
      addObject(node.children, value as Readonly<Record<string, unknown>>);
    }
  };
  const addObject = (nodes: readonly CostNode[], object: Readonly<Record<string, unknown>>): void => {
    for (const node of nodes) {
      if (!Object.hasOwn(object, node.responseName)) continue;
      sum.add(node, node.argumentsCost(variables));
      addValue(node, object[node.responseName]);
    }
  };
  addObject(roots, data);
  return sum;
}
