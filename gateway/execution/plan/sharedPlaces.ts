import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { Kind, parse, type SelectionSetNode } from 'graphql';
import type { JsonObject } from '../json.js';
import type { TypeConditions } from '../typeConditions.js';
import { compileRepresentations } from './representations.js';
import { type PathSegment, parseResponsePath } from './responsePath.js';

/** Where entities stand in the answer to a fetch of which later fetches want to know more. */
export interface SharedPlace {
  /** From an object that the fetch fills down to the entity. */
  readonly path: readonly PathSegment[];
  /** Entities of one type with the same key may be equal; `undefined`: it has none. */
  key(entity: JsonObject): unknown;
  /** How often it paid of late: what never repeats is not compared for ever. */
  readonly tally: { compared: number; shared: number; left: number };
}

interface Placed {
  readonly node: FetchNode;
  readonly path: readonly PathSegment[];
}

function fetchesOf(node: PlanNode | undefined, path: readonly PathSegment[]): Placed[] {
  switch (node?.kind) {
    case 'Fetch':
      return [{ node, path }];
    case 'Flatten':
      return fetchesOf(node.node, [...path, ...parseResponsePath(node.path)]);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap((child) => fetchesOf(child, path));
    case 'Condition':
      return [...fetchesOf(node.ifClause, path), ...fetchesOf(node.elseClause, path)];
    case 'Defer':
      return [node.primary, ...node.deferred].flatMap((part) => fetchesOf(part.node, path));
    default:
      return [];
  }
}

const textOf = (path: readonly PathSegment[]) =>
  path.map((segment) => (segment.kind === 'field' ? `.${segment.name}` : '@')).join('');

function namesOf(path: readonly PathSegment[]): string[] {
  return path.flatMap((segment) => (segment.kind === 'field' ? [segment.name] : []));
}

/** Whether a fetch's answer may have something at the end of a path below its places. */
function reaches(node: FetchNode, path: readonly PathSegment[]): boolean {
  // What the answer calls something else is renamed first.
  if ((node.outputRewrites?.length ?? 0) > 0) return true;
  const { definitions } = parse(node.operation, { noLocation: true });
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition.selectionSet);
    }
  }
  const leads = (selectionSet: SelectionSetNode | undefined, [name, ...rest]: readonly string[]): boolean =>
    name === undefined ||
    (selectionSet?.selections ?? []).some((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        return leads(fragments.get(selection.name.value), [name, ...rest]);
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) return leads(selection.selectionSet, [name, ...rest]);
      return (selection.alias ?? selection.name).value === name && leads(selection.selectionSet, rest);
    });
  const entry = node.requires === undefined ? [] : ['_entities'];
  return definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      leads(definition.selectionSet, [...entry, ...namesOf(path)]),
  );
}

/**
 * Finds where equal entities in one answer can become one object: what later fetches add is then merged once, and what
 * stands below is walked and written once. Sound only where all that ever comes to these places is the same for the same
 * entity: their parents come from one fetch alone, and what is fetched for them depends on nothing but their contents.
 * Not so with arguments from a context, or with paths that only some types of parents lead down.
 */
export function findSharedPlaces(
  plan: QueryPlan,
  conditions: TypeConditions,
): ReadonlyMap<FetchNode, readonly SharedPlace[]> {
  const found = new Map<FetchNode, SharedPlace[]>();
  if (plan.node?.kind === 'Subscription') return found;
  const fetches = fetchesOf(plan.node, []);
  const isSound = fetches.every(
    ({ node, path }) =>
      (node.contextRewrites?.length ?? 0) === 0 && path.every(({ types }) => types === undefined),
  );
  if (!isSound) return found;
  const known = fetches.map((placed) => ({ ...placed, text: textOf(placed.path) }));
  const seen = new Set<string>();
  for (const { node, path, text } of known.sort((a, b) => a.path.length - b.path.length)) {
    if (node.requires === undefined || seen.has(text)) continue;
    seen.add(text);
    const givers = known.filter(
      (other) =>
        other.path.length < path.length &&
        textOf(path.slice(0, other.path.length)) === other.text &&
        reaches(other.node, path.slice(other.path.length)),
    );
    const [giver, another] = givers;
    if (giver === undefined || another !== undefined) continue;
    const place: SharedPlace = {
      path: path.slice(giver.path.length),
      key: compileRepresentations(node.requires, conditions).key,
      tally: { compared: 0, shared: 0, left: 0 },
    };
    const places = found.get(giver.node) ?? [];
    places.push(place);
    found.set(giver.node, places);
  }
  return found;
}
