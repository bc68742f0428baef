import {
  type DirectiveNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  isInterfaceType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';

function argumentText(directive: DirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

function selectionOf(fields: string): SelectionSetNode {
  const [definition] = parse(`{${fields}}`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) {
    throw new Error(`not a selection: ${fields}`);
  }
  return definition.selectionSet;
}

function fieldNames(selectionSet: SelectionSetNode): string[] {
  return selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? [selection.name.value] : [],
  );
}

/** What subgraphs' SDL says about identity and requirements. */
export interface Facts {
  readonly keyFields: Map<string, Set<string>>;
  readonly requires: Map<string, SelectionSetNode>;
  /** Concrete type to the interface with a key whose numbers it shares. */
  readonly families: Map<string, string>;
}

export function collectFacts(documents: readonly string[], supergraph: GraphQLSchema): Facts {
  const facts: Facts = { keyFields: new Map(), requires: new Map(), families: new Map() };
  for (const text of documents) {
    for (const definition of parse(text).definitions) {
      if (!('fields' in definition) || !('name' in definition) || definition.name === undefined) {
        continue;
      }
      const typeName = definition.name.value;
      for (const directive of definition.directives ?? []) {
        const fields = directive.name.value === 'key' ? argumentText(directive, 'fields') : undefined;
        if (fields !== undefined) {
          const known = facts.keyFields.get(typeName) ?? new Set();
          facts.keyFields.set(typeName, new Set([...known, ...fieldNames(selectionOf(fields))]));
          if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
            const type = supergraph.getType(typeName);
            const members = isInterfaceType(type) ? supergraph.getPossibleTypes(type) : [];
            for (const member of members) {
              facts.families.set(member.name, typeName);
            }
          }
        }
      }
      for (const field of (definition.fields ?? []) as readonly FieldDefinitionNode[]) {
        const directive = field.directives?.find(({ name }) => name.value === 'requires');
        const fields = directive && argumentText(directive, 'fields');
        if (fields !== undefined) {
          facts.requires.set(`${typeName}.${field.name.value}`, selectionOf(fields));
        }
      }
    }
  }
  for (const [member, family] of facts.families) {
    const shared = [...(facts.keyFields.get(family) ?? []), ...(facts.keyFields.get(member) ?? [])];
    facts.keyFields.set(member, new Set(shared));
  }
  return facts;
}
