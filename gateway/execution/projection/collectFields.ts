import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  isUnionType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

import type { ResponseNames } from '../prepare/prepareDocument.js';

export interface CollectContext {
  readonly responseNames: ResponseNames;
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Values of the variables that `@skip` and `@include` use. */
  readonly conditions: ReadonlyMap<string, boolean>;
}

function directiveApplies(
  selection: SelectionNode,
  name: string,
  context: CollectContext,
): boolean | undefined {
  const directive = selection.directives?.find((candidate) => candidate.name.value === name);
  const value = directive?.arguments?.find((argument) => argument.name.value === 'if')?.value;
  if (value?.kind === Kind.BOOLEAN) {
    return value.value;
  }
  return value?.kind === Kind.VARIABLE ? (context.conditions.get(value.name.value) ?? false) : undefined;
}

function isIncluded(selection: SelectionNode, context: CollectContext): boolean {
  return (
    directiveApplies(selection, 'skip', context) !== true &&
    directiveApplies(selection, 'include', context) !== false
  );
}

function conditionHolds(
  condition: string | undefined,
  type: GraphQLCompositeType,
  schema: GraphQLSchema,
): boolean {
  if (condition === undefined || condition === type.name) {
    return true;
  }
  const conditional = schema.getType(condition);
  return (
    isAbstractType(conditional) &&
    (isObjectType(type) || !isUnionType(type)) &&
    schema.isSubType(conditional, type)
  );
}

/**
 * The specification's CollectFields over selection sets that merge: fields of an object of this type by key in
 * the result tree, in the order of the response. The type can be an interface where a subgraph with an `@interfaceObject`
 * gave the object and nobody knows its concrete type.
 */
export function collectFields(
  selectionSets: readonly SelectionSetNode[],
  type: GraphQLCompositeType,
  context: CollectContext,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const visitedFragments = new Set<string>();

  const collect = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (!isIncluded(selection, context)) {
        continue;
      }
      if (selection.kind === Kind.FIELD) {
        const responseName = selection.alias?.value ?? selection.name.value;
        const known = fields.get(responseName);
        if (known === undefined) {
          fields.set(responseName, [selection]);
        } else {
          known.push(selection);
        }
        continue;
      }
      let fragment:
        | { typeCondition?: { name: { value: string } } | undefined; selectionSet: SelectionSetNode }
        | undefined;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        fragment = selection;
      } else if (!visitedFragments.has(selection.name.value)) {
        visitedFragments.add(selection.name.value);
        fragment = context.fragments[selection.name.value];
      }
      if (
        fragment !== undefined &&
        conditionHolds(fragment.typeCondition?.name.value, type, context.schema)
      ) {
        collect(fragment.selectionSet);
      }
    }
  };

  for (const selectionSet of selectionSets) {
    collect(selectionSet);
  }
  return fields;
}
