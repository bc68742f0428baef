import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';

/** What a fetch asks, whatever the planner calls it. */
function keyOf({ serviceName, operation, operationName = '' }: FetchNode): string {
  return JSON.stringify([serviceName, operation.replace(operationName, '')]);
}

function entityFetches(node: PlanNode | undefined): FetchNode[] {
  switch (node?.kind) {
    case 'Fetch': {
      const { requires, operationKind, contextRewrites = [], inputRewrites = [] } = node;
      // Rewritten, representations of different entities can be equal.
      const isPlain = contextRewrites.length === 0 && inputRewrites.length === 0;
      return requires !== undefined && isPlain && operationKind === 'query' ? [node] : [];
    }
    case 'Flatten':
      return entityFetches(node.node);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(entityFetches);
    case 'Condition':
      return [...entityFetches(node.ifClause), ...entityFetches(node.elseClause)];
    case 'Defer':
      return [node.primary, ...node.deferred].flatMap((part) => entityFetches(part.node));
    default:
      return [];
  }
}

/** Keys of fetches that others of the plan equal but for their places: at the same time, they are sent as one. */
export function findJointKeys({ node }: QueryPlan): ReadonlyMap<FetchNode, string> {
  const keyed = entityFetches(node?.kind === 'Subscription' ? node.rest : node).map(
    (fetch) => [fetch, keyOf(fetch)] as const,
  );
  const counts = new Map<string, number>();
  for (const [, key] of keyed) counts.set(key, (counts.get(key) ?? 0) + 1);
  return new Map(keyed.filter(([, key]) => (counts.get(key) ?? 0) > 1));
}
