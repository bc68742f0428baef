import type { DeferredNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { Kind, parse, type SelectionSetNode } from 'graphql';
import type { DeferredPart, PlanStep, SubscriptionSteps } from './executablePlan.js';
import { type CompileEnvironment, compileFetchStep } from './fetchStep.js';
import { findJointKeys } from './jointKeys.js';
import { type PathSegment, parseResponsePath } from './responsePath.js';
import { findSharedPlaces } from './sharedPlaces.js';

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
    case 'Defer':
      return usesContext(node.primary.node) || node.deferred.some((part) => usesContext(part.node));
    default:
      return false;
  }
}

function selectionOf(text: string | undefined): SelectionSetNode | undefined {
  const [definition] = text === undefined ? [] : parse(text, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : undefined;
}

function joined(parts: readonly (SelectionSetNode | undefined)[]): SelectionSetNode | undefined {
  const selections = parts.flatMap((part) => part?.selections ?? []);
  return selections.length === 0 ? undefined : { kind: Kind.SELECTION_SET, selections };
}

/** Turns the planner's tree into steps; `Flatten` dissolves into the path of the fetch below it. */
export function compileSteps(plan: QueryPlan, environment: CompileEnvironment): CompiledSteps {
  let fetchCount = 0;
  const copyAnswers = usesContext(plan.node?.kind === 'Subscription' ? plan.node.rest : plan.node);

  const jointKeys = findJointKeys(plan);
  const sharedPlaces = findSharedPlaces(plan, environment.conditions);

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
        return compileFetchStep(node, environment, {
          fetchId: fetchCount++,
          path,
          copyAnswers,
          sharedPlaces: sharedPlaces.get(node) ?? [],
          jointKey: jointKeys.get(node),
        });
      case 'Defer':
        return {
          kind: 'defer',
          primary: {
            selection: selectionOf(node.primary.subselection),
            step: node.primary.node && compile(node.primary.node, path),
          },
          deferred: node.deferred.map((part) => compileDeferred(part, path)),
        };
    }
  };

  const compileDeferred = (part: DeferredNode, path: readonly PathSegment[]): DeferredPart => {
    const step = part.node && compile(part.node, path);
    // With parts inside it, the planner tells what it shows itself one level below.
    const { primary, deferred } =
      step?.kind === 'defer' ? step : { primary: { selection: undefined, step }, deferred: [] };
    const selections = [selectionOf(part.subselection), primary.selection];
    return {
      label: part.label,
      path: part.queryPath,
      selection: joined(selections),
      step: primary.step,
      deferred,
    };
  };

  const { node } = plan;
  if (node?.kind !== 'Subscription') {
    const root = node && compile(node, []);
    return { root, subscription: undefined, fetchCount };
  }
  const position = { fetchId: fetchCount++, path: [], copyAnswers, sharedPlaces: [], jointKey: undefined };
  const subscription: SubscriptionSteps = {
    primary: compileFetchStep(node.primary, environment, position),
    rest: node.rest && compile(node.rest, []),
  };
  return { root: { kind: 'unsupported', what: 'Subscription' }, subscription, fetchCount };
}
