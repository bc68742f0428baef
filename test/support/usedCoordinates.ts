import {
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  parse,
  TypeInfo,
  type ValueNode,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';

export interface UsedCoordinates {
  readonly fields: string[];
  readonly arguments: string[];
  readonly inputFields: string[];
  readonly enumValues: string[];
}

/** What an execution uses, in the way in which gateways report it: arguments and input fields only where they were sent. */
export function usedCoordinates(
  schema: GraphQLSchema,
  text: string,
  variables: Readonly<Record<string, unknown>> = {},
): UsedCoordinates {
  const used = { fields: new Set<string>(), arguments: new Set<string>(), inputFields: new Set<string>() };
  const enumValues = new Set<string>();

  function look(type: GraphQLInputType, value: unknown): void {
    if (value === null || value === undefined) return;
    if (isNonNullType(type)) {
      look(type.ofType, value);
    } else if (isListType(type)) {
      for (const item of Array.isArray(value) ? value : [value]) look(type.ofType, item);
    } else if (isInputObjectType(type)) {
      const fields = type.getFields();
      for (const [name, inner] of Object.entries(value as object)) {
        const field = fields[name];
        if (field === undefined || inner === undefined) continue;
        used.inputFields.add(`${type.name}.${name}`);
        look(field.type, inner);
      }
    } else if (isEnumType(type)) {
      enumValues.add(`${type.name}.${String(value)}`);
    }
  }

  const types = new TypeInfo(schema);
  visit(
    parse(text),
    visitWithTypeInfo(types, {
      Field(node) {
        const parent = types.getParentType();
        const field = types.getFieldDef();
        if (!parent || !field || field.name.startsWith('__')) return;
        used.fields.add(`${parent.name}.${field.name}`);
        for (const argument of node.arguments ?? []) {
          const definition = field.args.find(({ name }) => name === argument.name.value);
          const value = sentValue(argument.value);
          if (definition === undefined || value === undefined) continue;
          used.arguments.add(`${parent.name}.${field.name}.${definition.name}`);
          look(definition.type, value);
        }
      },
    }),
  );
  return {
    fields: [...used.fields],
    arguments: [...used.arguments],
    inputFields: [...used.inputFields],
    enumValues: [...enumValues],
  };

  /** `undefined` for a variable that was not sent. */
  function sentValue(node: ValueNode): unknown {
    return node.kind === 'Variable' ? variables[node.name.value] : valueFromASTUntyped(node, variables);
  }
}
