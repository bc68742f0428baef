import { type ConstDirectiveNode, Kind, parse } from 'graphql';

export interface UsedField {
  /** `Type.field`, `Type.field.argument` or `Input.field`. */
  readonly coordinate: string;
  /** Why it should not be used any more; `null` when it is not deprecated. */
  readonly deprecated: string | null;
  readonly count: number;
}

/** Everything of an API schema that a gateway counts and a person may want to remove, in the order of the schema. */
export function fieldsOf(apiSchema: string, totals: ReadonlyMap<string, number>): UsedField[] {
  const fields: UsedField[] = [];
  const add = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined) =>
    fields.push({ coordinate, deprecated: deprecationIn(directives), count: totals.get(coordinate) ?? 0 });
  const document = parse(apiSchema, { noLocation: true });
  for (const definition of document.definitions) {
    if (
      definition.kind !== Kind.OBJECT_TYPE_DEFINITION &&
      definition.kind !== Kind.INTERFACE_TYPE_DEFINITION &&
      definition.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION
    ) {
      continue;
    }
    for (const field of definition.fields ?? []) {
      const coordinate = `${definition.name.value}.${field.name.value}`;
      add(coordinate, field.directives);
      if (field.kind !== Kind.FIELD_DEFINITION) continue;
      for (const argument of field.arguments ?? []) {
        add(`${coordinate}.${argument.name.value}`, argument.directives);
      }
    }
  }
  return fields;
}

function deprecationIn(directives: readonly ConstDirectiveNode[] | undefined): string | null {
  const deprecated = directives?.find(({ name }) => name.value === 'deprecated');
  if (deprecated === undefined) return null;
  const reason = deprecated.arguments?.find(({ name }) => name.value === 'reason')?.value;
  return reason?.kind === Kind.STRING ? reason.value : 'No longer supported';
}
