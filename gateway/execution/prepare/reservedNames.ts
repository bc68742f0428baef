import { type ConstDirectiveNode, Kind, parse, type SelectionSetNode } from 'graphql';

/**
 * Fields that a planner may add to any operation, because a `@key`, `@requires` or context names them. The value
 * tells whether one is asked for with arguments somewhere.
 */
export type ReservedNames = ReadonlyMap<string, { readonly withArguments: boolean }>;

function collect(selectionSet: SelectionSetNode, names: Map<string, { withArguments: boolean }>): void {
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      const withArguments = (selection.arguments?.length ?? 0) > 0;
      names.set(name, { withArguments: withArguments || names.get(name)?.withArguments === true });
    }
    if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined) {
      collect(selection.selectionSet, names);
    }
  }
}

/** The selections among a directive's arguments: `join__type(key:)`, `join__field(requires:, contextArguments:)`. */
function selectionsOf(directive: ConstDirectiveNode): string[] {
  if (directive.name.value !== 'join__type' && directive.name.value !== 'join__field') {
    return [];
  }
  return (directive.arguments ?? []).flatMap(({ name, value }) => {
    if ((name.value === 'key' || name.value === 'requires') && value.kind === Kind.STRING) {
      return [value.value];
    }
    if (name.value !== 'contextArguments' || value.kind !== Kind.LIST) {
      return [];
    }
    return value.values.flatMap((item) =>
      item.kind === Kind.OBJECT
        ? item.fields.flatMap((field) =>
            field.name.value === 'selection' && field.value.kind === Kind.STRING ? [field.value.value] : [],
          )
        : [],
    );
  });
}

/** Reads the names from a supergraph's SDL, once per supergraph. */
export function collectReservedNames(supergraphSdl: string): ReservedNames {
  const names = new Map<string, { withArguments: boolean }>();
  names.set('__typename', { withArguments: false });
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    const fields = 'fields' in definition ? (definition.fields ?? []) : [];
    const directives = [definition, ...fields].flatMap((node) =>
      'directives' in node ? ((node.directives ?? []) as readonly ConstDirectiveNode[]) : [],
    );
    for (const text of directives.flatMap(selectionsOf)) {
      // A context's selection is written with its braces, a key's without.
      const [operation] = parse(text.trim().startsWith('{') ? text : `{${text}}`, {
        noLocation: true,
      }).definitions;
      if (operation?.kind === Kind.OPERATION_DEFINITION) {
        collect(operation.selectionSet, names);
      }
    }
  }
  return names;
}
