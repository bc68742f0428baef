import {
  type DocumentNode,
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { JsonObject } from './json.js';

export interface IntrospectionResult {
  /** By response name; only what the operation asks of `__schema` and `__type`. */
  readonly data: JsonObject;
  readonly errors: readonly GraphQLError[];
}

/** Answers the introspection fields of an operation from the API schema. */
export interface Introspection {
  run(variables: Readonly<Record<string, unknown>>): IntrospectionResult;
}

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

function isIntrospectionField(name: string): boolean {
  return name === '__schema' || name === '__type';
}

/** What is left of root selections when only introspection stays; spreads become inline fragments. */
function keepIntrospection(
  selectionSet: SelectionSetNode,
  fragments: Fragments,
  open: ReadonlySet<string>,
): SelectionSetNode | undefined {
  const selections = selectionSet.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) {
      return isIntrospectionField(selection.name.value) ? [selection] : [];
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const kept = keepIntrospection(selection.selectionSet, fragments, open);
      return kept === undefined ? [] : [{ ...selection, selectionSet: kept }];
    }
    const name = selection.name.value;
    const fragment = fragments[name];
    if (fragment === undefined || open.has(name)) {
      return [];
    }
    const kept = keepIntrospection(fragment.selectionSet, fragments, new Set([...open, name]));
    const inline = { kind: Kind.INLINE_FRAGMENT, typeCondition: fragment.typeCondition } as const;
    return kept === undefined
      ? []
      : [{ ...inline, directives: selection.directives ?? [], selectionSet: kept }];
  });
  return selections.length === 0 ? undefined : { kind: Kind.SELECTION_SET, selections };
}

/** Variables that are used from here, through fragments as well. */
function usedVariables(root: SelectionSetNode, fragments: Fragments): Set<string> {
  const used = new Set<string>();
  const visited = new Set<string>();
  const collect = (node: SelectionSetNode): void => {
    visit(node, {
      Variable: (variable) => {
        used.add(variable.name.value);
      },
      FragmentSpread: ({ name: { value: name } }) => {
        const fragment = fragments[name];
        if (fragment !== undefined && !visited.has(name)) {
          visited.add(name);
          collect(fragment.selectionSet);
        }
      },
    });
  };
  collect(root);
  return used;
}

/** `undefined` when the operation asks for no introspection. */
export function compileIntrospection(
  operation: OperationDefinitionNode,
  fragments: Fragments,
  apiSchema: GraphQLSchema,
): Introspection | undefined {
  const selectionSet = keepIntrospection(operation.selectionSet, fragments, new Set());
  if (selectionSet === undefined) {
    return undefined;
  }
  const used = usedVariables(selectionSet, fragments);
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: operation.operation,
        variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) =>
          used.has(variable.name.value),
        ),
        selectionSet,
      },
      ...Object.values(fragments),
    ],
  };
  const run = (variableValues: Readonly<Record<string, unknown>>): IntrospectionResult => {
    const { data, errors } = executeSync({ schema: apiSchema, document, rootValue: {}, variableValues });
    return { data: data ?? {}, errors: errors ?? [] };
  };
  if (used.size > 0) {
    return { run };
  }
  let result: IntrospectionResult | undefined;
  return {
    run: () => {
      result ??= run({});
      return result;
    },
  };
}
