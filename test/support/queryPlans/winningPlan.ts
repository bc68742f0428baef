export interface WinningPlan {
  readonly stages: readonly string[];
  readonly indexes: readonly string[];
}

/** What the server would do, from the answer to `explain`; not what it considered and rejected. */
export function winningPlan(explained: unknown): WinningPlan {
  const nodes = winners(explained).flatMap(inside);
  const stages = nodes.map(({ stage }) => stage).filter((stage) => typeof stage === 'string');
  // No plan at all is no good plan: it must not pass for one without a scan.
  if (stages.length === 0) throw new Error(`no plan was found in ${JSON.stringify(explained)}`);
  return {
    stages,
    indexes: nodes.map(({ indexName }) => indexName).filter((name) => typeof name === 'string'),
  };
}

interface PlanNode {
  readonly stage?: unknown;
  readonly indexName?: unknown;
}

function winners(value: unknown): unknown[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, child]) => (key === 'winningPlan' ? [child] : winners(child)));
}

function inside(value: unknown): PlanNode[] {
  if (value === null || typeof value !== 'object') return [];
  return [value as PlanNode, ...Object.values(value).flatMap(inside)];
}
