import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** Which operations a change reaches, in coordinates of the schema before it: who uses any of them. */
export interface Reach {
  readonly coordinates: readonly string[];
  /** Also who uses one of `of` without sending `sent`, which becomes required. */
  readonly missing?: { readonly of: readonly string[]; readonly sent: string };
  /** No usage tells who is reached; so everybody may be. */
  readonly unknowable?: true;
}

type Meta = Readonly<Record<string, unknown>>;

/** @param type and meta as GraphQL Inspector gives them */
export function reachOf(type: string, meta: Meta, before: GraphQLSchema, after: GraphQLSchema): Reach {
  const text = (key: string) => String(meta[key]);
  switch (type) {
    case 'FIELD_REMOVED':
      return any(`${text('typeName')}.${text('removedFieldName')}`);
    case 'FIELD_TYPE_CHANGED':
      return any(`${text('typeName')}.${text('fieldName')}`);
    case 'FIELD_ARGUMENT_REMOVED':
      return any(`${text('typeName')}.${text('fieldName')}.${text('removedFieldArgumentName')}`);
    case 'FIELD_ARGUMENT_ADDED': {
      const field = `${text('typeName')}.${text('fieldName')}`;
      return withoutSending([field], `${field}.${text('addedArgumentName')}`);
    }
    case 'FIELD_ARGUMENT_DEFAULT_CHANGED': {
      const field = `${text('typeName')}.${text('fieldName')}`;
      return withoutSending([field], `${field}.${text('argumentName')}`);
    }
    case 'FIELD_ARGUMENT_TYPE_CHANGED': {
      const field = `${text('typeName')}.${text('fieldName')}`;
      const coordinate = `${field}.${text('argumentName')}`;
      return inputChanged(coordinate, [field], inputAt(before, coordinate), inputAt(after, coordinate));
    }
    case 'INPUT_FIELD_REMOVED':
      return any(`${text('inputName')}.${text('removedFieldName')}`);
    case 'INPUT_FIELD_ADDED':
      return withoutSending(
        takersOf(before, text('inputName')),
        `${text('inputName')}.${text('addedInputFieldName')}`,
      );
    case 'INPUT_FIELD_DEFAULT_VALUE_CHANGED':
      return withoutSending(
        takersOf(before, text('inputName')),
        `${text('inputName')}.${text('inputFieldName')}`,
      );
    case 'INPUT_FIELD_TYPE_CHANGED': {
      const coordinate = `${text('inputName')}.${text('inputFieldName')}`;
      const takers = takersOf(before, text('inputName'));
      return inputChanged(coordinate, takers, inputAt(before, coordinate), inputAt(after, coordinate));
    }
    case 'ENUM_VALUE_REMOVED':
      // Who reads such a field may be waiting for the value, so it counts as well as who sends it.
      return any(
        `${text('enumName')}.${text('removedEnumValueName')}`,
        ...fieldsReturning(before, text('enumName')),
      );
    case 'ENUM_VALUE_ADDED':
      return any(...fieldsReturning(before, text('enumName')));
    case 'UNION_MEMBER_ADDED':
      return any(...fieldsReturning(before, text('unionName')));
    case 'UNION_MEMBER_REMOVED':
      return any(
        ...fieldsReturning(before, text('unionName')),
        ...membersOf(before, text('removedUnionMemberTypeName')),
      );
    case 'OBJECT_TYPE_INTERFACE_ADDED':
      return any(...fieldsReturning(before, text('addedInterfaceName')));
    case 'OBJECT_TYPE_INTERFACE_REMOVED':
      return any(
        ...membersOf(before, text('removedInterfaceName')),
        ...membersOf(before, text('objectTypeName')),
        ...fieldsReturning(before, text('removedInterfaceName')),
      );
    case 'TYPE_REMOVED':
      return everyUseOf(before, text('removedTypeName'));
    case 'TYPE_KIND_CHANGED':
      return everyUseOf(before, text('typeName'));
    case 'SCHEMA_QUERY_TYPE_CHANGED':
      return everyUseOf(before, text('oldQueryTypeName'));
    case 'SCHEMA_MUTATION_TYPE_CHANGED':
      return everyUseOf(before, text('oldMutationTypeName'));
    case 'SCHEMA_SUBSCRIPTION_TYPE_CHANGED':
      return everyUseOf(before, text('oldSubscriptionTypeName'));
    default:
      return { coordinates: [], unknowable: true };
  }
}

function any(...coordinates: readonly string[]): Reach {
  return { coordinates: [...new Set(coordinates)] };
}

function withoutSending(of: readonly string[], sent: string): Reach {
  return { coordinates: [], missing: { of, sent } };
}

function everyUseOf(schema: GraphQLSchema, name: string): Reach {
  return any(...membersOf(schema, name), ...fieldsReturning(schema, name), ...takersOf(schema, name));
}

type Input = GraphQLArgument | GraphQLInputField | undefined;

function inputChanged(coordinate: string, of: readonly string[], before: Input, after: Input): Reach {
  if (before === undefined || after === undefined) return { coordinates: [], unknowable: true };
  const becomesRequired = isRequired(after) && !isRequired(before);
  const onlyNonNull = withoutNonNull(before.type) === withoutNonNull(after.type);
  return {
    // Whoever sends a value goes on doing so when nothing but its absence is forbidden.
    coordinates: becomesRequired && onlyNonNull ? [] : [coordinate],
    ...(becomesRequired && { missing: { of, sent: coordinate } }),
  };
}

export function isRequired(input: GraphQLArgument | GraphQLInputField): boolean {
  return isRequiredArgument(input as GraphQLArgument) || isRequiredInputField(input as GraphQLInputField);
}

function withoutNonNull(type: GraphQLType): string {
  return String(isNonNullType(type) ? type.ofType : type);
}

/** An argument (`Type.field.argument`) or a field of an input type (`Input.field`). */
export function inputAt(schema: GraphQLSchema, coordinate: string): Input {
  const [typeName = '', fieldName = '', argument] = coordinate.split('.');
  const type = schema.getType(typeName);
  if (isInputObjectType(type)) return type.getFields()[fieldName];
  if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
  return type.getFields()[fieldName]?.args.find(({ name }) => name === argument);
}

/** Fields, input fields or values of a type. */
function membersOf(schema: GraphQLSchema, name: string): string[] {
  const type = schema.getType(name);
  if (isEnumType(type)) return type.getValues().map((value) => `${name}.${value.name}`);
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
    return Object.keys(type.getFields()).map((field) => `${name}.${field}`);
  }
  return [];
}

function fieldsReturning(schema: GraphQLSchema, name: string): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if ((!isObjectType(type) && !isInterfaceType(type)) || type.name.startsWith('__')) return [];
    return Object.values(type.getFields())
      .filter((field) => getNamedType(field.type).name === name)
      .map((field) => `${type.name}.${field.name}`);
  });
}

/** Arguments and input fields of a type. */
function takersOf(schema: GraphQLSchema, name: string): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isInputObjectType(type)) {
      return Object.values(type.getFields())
        .filter((field) => getNamedType(field.type).name === name)
        .map((field) => `${type.name}.${field.name}`);
    }
    if ((!isObjectType(type) && !isInterfaceType(type)) || type.name.startsWith('__')) return [];
    return Object.values(type.getFields()).flatMap((field) =>
      field.args
        .filter((argument) => getNamedType(argument.type).name === name)
        .map((argument) => `${type.name}.${field.name}.${argument.name}`),
    );
  });
}

/** Whether clients can be given values of this type. */
export function isReturned(schema: GraphQLSchema, name: string): boolean {
  return fieldsReturning(schema, name).length > 0;
}
