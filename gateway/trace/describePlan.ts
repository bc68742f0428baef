import { Kind, parse, type SelectionNode, type SelectionSetNode } from 'graphql';
import type { PlanStep } from '../execution/plan/executablePlan.js';
import type { FetchStep } from '../execution/plan/fetchStep.js';
import type { PathSegment } from '../execution/plan/responsePath.js';
import type { FetchDescription, PlanDescription } from './traceReport.js';

/** A plan as a tree of plain values. Each fetch is parsed anew: this is for the developer who asks, not for every request. */
export function describePlan(step: PlanStep | undefined): PlanDescription | undefined {
  if (step === undefined) return undefined;
  switch (step.kind) {
    case 'fetch':
      return describeFetch(step);
    case 'sequence':
    case 'parallel':
      return { kind: step.kind, steps: step.steps.flatMap((child) => describePlan(child) ?? []) };
    case 'condition':
      return {
        kind: 'condition',
        variable: step.variable,
        whenTrue: describePlan(step.whenTrue),
        whenFalse: describePlan(step.whenFalse),
      };
    // Traced requests are answered whole.
    case 'defer':
      return { kind: 'unsupported', what: 'Defer' };
    case 'unsupported':
      return { kind: 'unsupported', what: step.what };
  }
}

/** All fetches below a step. */
export function fetchesOf(plan: PlanDescription | undefined): readonly FetchDescription[] {
  switch (plan?.kind) {
    case 'fetch':
      return [plan];
    case 'sequence':
    case 'parallel':
      return plan.steps.flatMap(fetchesOf);
    case 'condition':
      return [...fetchesOf(plan.whenTrue), ...fetchesOf(plan.whenFalse)];
    default:
      return [];
  }
}

function describeFetch({ fetchId, subgraph, operationKind, path, query }: FetchStep): FetchDescription {
  const { entityTypes, fields } = contentsOf(query);
  return {
    kind: 'fetch',
    fetchId,
    subgraph,
    operationKind,
    path: pathText(path),
    entityTypes,
    fields,
    query,
  };
}

function pathText(path: readonly PathSegment[]): string {
  let text = '';
  for (const segment of path) {
    if (segment.kind === 'list') text += '[]';
    else if (segment.kind === 'field') text += text === '' ? segment.name : `.${segment.name}`;
  }
  return text;
}

const ROOTS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };

function contentsOf(query: string): Pick<FetchDescription, 'entityTypes' | 'fields'> {
  const { definitions } = parse(query, { noLocation: true });
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition.selectionSet);
  }
  const operation = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const entityTypes = new Set<string>();
  const fields = new Set<string>();

  function visit(selections: readonly SelectionNode[], type: string): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        visit(fragments.get(selection.name.value)?.selections ?? [], type);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const inner = selection.typeCondition?.name.value ?? type;
        if (type === '_Entity' && inner !== type) entityTypes.add(inner);
        visit(selection.selectionSet.selections, inner);
      } else if (selection.name.value === '_entities') {
        visit(selection.selectionSet?.selections ?? [], '_Entity');
      } else if (!selection.name.value.startsWith('__')) {
        fields.add(`${type}.${selection.name.value}`);
      }
    }
  }

  if (operation) visit(operation.selectionSet.selections, ROOTS[operation.operation]);
  return { entityTypes: [...entityTypes], fields: [...fields] };
}
