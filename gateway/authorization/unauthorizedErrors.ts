import {
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { CodedError } from '../../platform/errors.js';
import type { RestrictedDocument } from './restrictDocument.js';

type Path = readonly string[];

/** Fragments in fragments can make more places than anybody wants to read of, or there is memory for. */
const MAX_ERRORS = 100;

/**
 * One error for each place of the operation where a field was taken out. The path is one of the operation, not of the
 * answer: `@` stands for every element of a list, `... on Type` for a fragment, as Apollo Router writes it.
 */
export function unauthorizedErrors(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  { unauthorized, listDepths, responseNames }: Omit<RestrictedDocument, 'planned' | 'shaped'>,
): readonly GraphQLError[] {
  /** Below a fragment, whoever spreads it. */
  const known = new Map<string, readonly Path[]>();

  function pathsBelow(set: SelectionSetNode): Path[] {
    const paths: Path[] = [];
    for (const selection of set.selections) {
      if (paths.length >= MAX_ERRORS) break;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        paths.push(...pathsOfFragment(selection.name.value));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        const here = condition === undefined ? [] : [`... on ${condition}`];
        paths.push(...pathsBelow(selection.selectionSet).map((path) => [...here, ...path]));
      } else {
        const responseName = selection.alias?.value ?? selection.name.value;
        const here = responseNames.get(responseName) ?? responseName;
        if (unauthorized.has(selection)) paths.push([here]);
        else if (selection.selectionSet) {
          const elements = Array.from({ length: listDepths.get(selection) ?? 0 }, () => '@');
          paths.push(...pathsBelow(selection.selectionSet).map((path) => [here, ...elements, ...path]));
        }
      }
    }
    return paths.slice(0, MAX_ERRORS);
  }

  function pathsOfFragment(name: string): readonly Path[] {
    const done = known.get(name);
    if (done !== undefined) return done;
    const fragment = fragments.get(name);
    if (fragment === undefined) return [];
    const here = `... on ${fragment.typeCondition.name.value}`;
    const paths = pathsBelow(fragment.selectionSet).map((path) => [here, ...path]);
    known.set(name, paths);
    return paths;
  }

  const distinct = new Map(pathsBelow(operation.selectionSet).map((path) => [path.join('\n'), path]));
  return [...distinct.values()].map(
    (path) => new CodedError('UNAUTHORIZED_FIELD_OR_TYPE', 'Unauthorized field or type', { path }),
  );
}
