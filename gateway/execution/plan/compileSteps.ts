import type { PlanNode, QueryPlan } from '@apollo/query-planner';
import type { PlanStep, SubscriptionSteps } from './executablePlan.js';
import { type CompileEnvironment, compileFetchStep } from './fetchStep.js';
import { type PathSegment, parseResponsePath } from './responsePath.js';

export interface CompiledSteps {
  readonly root: PlanStep | undefined;
  readonly subscription: SubscriptionSteps | undefined;
  readonly fetchCount: number;
}

function usesContext(node: PlanNode | undefined): boolean {
  switch (node?.kind) {
    case 'Fetch':
      return (node.contextRewrites?.length ?? 0) > 0;
    case 'Flatten':
      return usesContext(node.node);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.some(usesContext);
    case 'Condition':
      return usesContext(node.ifClause) || usesContext(node.elseClause);
    default:
      return false;
  }
}

/** Turns the planner's tree into steps; `Flatten` dissolves into the path of the fetch below it. */
export function compileSteps(plan: QueryPlan, environment: CompileEnvironment): CompiledSteps {
  let fetchCount = 0;
  const copyAnswers = usesContext(plan.node?.kind === 'Subscription' ? plan.node.rest : plan.node);

  const compileList = (nodes: readonly PlanNode[], path: readonly PathSegment[]): PlanStep[] =>
    nodes.map((node) => compile(node, path));

  const compile = (node: PlanNode, path: readonly PathSegment[]): PlanStep => {
    switch (node.kind) {
      case 'Sequence':
        return { kind: 'sequence', steps: compileList(node.nodes, path) };
      case 'Parallel':
        return { kind: 'parallel', steps: compileList(node.nodes, path) };
      case 'Flatten':
        return compile(node.node, [...path, ...parseResponsePath(node.path)]);
      case 'Condition':
        return {
          kind: 'condition',
          variable: node.condition,
          whenTrue: node.ifClause && compile(node.ifClause, path),
          whenFalse: node.elseClause && compile(node.elseClause, path),
        };
      case 'Fetch':
        return compileFetchStep(node, environment, { fetchId: fetchCount++, path, copyAnswers });
      case 'Defer':
        return { kind: 'unsupported', what: 'Defer' };
    }
  };

  const { node } = plan;
  if (node?.kind !== 'Subscription') {
    const root = node && compile(node, []);
    return { root, subscription: undefined, fetchCount };
  }
  const position = { fetchId: fetchCount++, path: [], copyAnswers };
  const subscription: SubscriptionSteps = {
    primary: compileFetchStep(node.primary, environment, position),
    rest: node.rest && compile(node.rest, []),
  };
  return { root: { kind: 'unsupported', what: 'Subscription' }, subscription, fetchCount };
}
