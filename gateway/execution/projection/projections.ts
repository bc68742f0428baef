import {
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  visit,
} from 'graphql';
import type { JsonObject } from '../json.js';
import type { ResponseNames } from '../prepare/prepareDocument.js';
import { generateProjection } from './generateProjection.js';
import { generateWriter } from './generateWriter.js';
import { type ProjectionResult, projectExactly } from './projectExactly.js';
import { createObjectShape } from './shapes.js';

/** Shapes a result tree for one set of values of the operation's conditions. */
export interface Projection {
  /** @param isShared whether lists can stand in several places of the tree; they do in the result then, too */
  project(root: JsonObject, introspection: JsonObject, isShared: boolean): ProjectionResult;
  /** The JSON of what `project` gives, for a tree with shared lists; `undefined` when a value does not fit. */
  write(root: JsonObject, introspection: JsonObject): string | undefined;
}

/** The projections of an operation, one for each set of values that its `@skip`s and `@include`s have had. */
export interface Projections {
  /** Variables that `@skip` and `@include` use; they have to be booleans. */
  readonly conditionVariables: readonly string[];
  forVariables(variables: Readonly<Record<string, unknown>>): Projection;
}

/** An operation with many conditions has too many variants to keep them all. */
const keptVariants = 32;

function variablesOfConditions(
  nodes: readonly (OperationDefinitionNode | FragmentDefinitionNode)[],
): string[] {
  const names = new Set<string>();
  for (const node of nodes) {
    visit(node, {
      Directive: (directive) => {
        if (directive.name.value !== 'skip' && directive.name.value !== 'include') {
          return;
        }
        for (const { value } of directive.arguments ?? []) {
          if (value.kind === Kind.VARIABLE) {
            names.add(value.name.value);
          }
        }
      },
    });
  }
  return [...names];
}

export function compileProjections(
  operation: OperationDefinitionNode,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
  schema: GraphQLSchema,
  rootType: GraphQLObjectType,
  responseNames: ResponseNames,
): Projections {
  const conditionVariables = variablesOfConditions([operation, ...reachableFragments(operation, fragments)]);
  const variants = new Map<string, Projection>();

  const compile = (conditions: ReadonlyMap<string, boolean>): Projection => {
    const shape = createObjectShape(rootType, [operation.selectionSet], {
      schema,
      fragments,
      conditions,
      responseNames,
    });
    const projectFast = generateProjection(shape);
    return {
      project(root, introspection, isShared) {
        const data = projectFast(root, introspection, isShared);
        return data === undefined ? projectExactly(shape, root, introspection) : { data, errors: [] };
      },
      write: generateWriter(shape),
    };
  };

  return {
    conditionVariables,
    forVariables(variables) {
      const bits = conditionVariables.map((name) => (variables[name] === true ? '1' : '0')).join('');
      let projection = variants.get(bits);
      if (projection === undefined) {
        projection = compile(new Map(conditionVariables.map((name) => [name, variables[name] === true])));
        const oldest = variants.size >= keptVariants ? variants.keys().next().value : undefined;
        if (oldest !== undefined) {
          variants.delete(oldest);
        }
        variants.set(bits, projection);
      }
      return projection;
    },
  };
}

/** Fragments that the operation uses, directly or through others. */
function reachableFragments(
  operation: OperationDefinitionNode,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
): FragmentDefinitionNode[] {
  const reached = new Map<string, FragmentDefinitionNode>();
  const follow = (selections: readonly SelectionNode[]): void => {
    for (const selection of selections) {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        follow(selection.selectionSet?.selections ?? []);
        continue;
      }
      const fragment = fragments[selection.name.value];
      if (fragment !== undefined && !reached.has(selection.name.value)) {
        reached.set(selection.name.value, fragment);
        follow(fragment.selectionSet.selections);
      }
    }
  };
  follow(operation.selectionSet.selections);
  return [...reached.values()];
}
