import {
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  TypeInfo,
  typeFromAST,
  type ValueNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { CoordinateSet, type Coordinates } from './coordinates.js';

export type Variables = Readonly<Record<string, unknown>>;

/** Everything about an operation's coordinates that does not depend on the values of its variables. */
export interface OperationCoordinates {
  /** Whether variables decide about some of them. */
  readonly dependsOnVariables: boolean;
  /** @param variables as the client sent them: defaults within input objects are not what was sent */
  coordinatesOf(variables: Variables): Coordinates;
}

/** An argument or input field whose value is a variable: it was sent when that was given, or has a default. */
interface VariableUse {
  readonly variable: string;
  add(to: CoordinateSet): void;
}

interface VariableDefinition {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly default: ValueNode | undefined;
}

/**
 * @param operation valid for the schema
 * @param fragments those that it uses
 */
export function compileCoordinates(
  operation: OperationDefinitionNode,
  fragments: readonly FragmentDefinitionNode[],
  schema: GraphQLSchema,
): OperationCoordinates {
  const fixed = new CoordinateSet();
  const uses: VariableUse[] = [];
  const typeInfo = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(typeInfo, {
    // What directives are given is no part of a subgraph's schema.
    Directive: () => false,
    VariableDefinition: () => false,
    Field({ name, arguments: given = [] }) {
      const parent = typeInfo.getParentType()?.name;
      const field = typeInfo.getFieldDef();
      if (!parent || !field || name.value.startsWith('__')) return undefined;
      const coordinate = `${parent}.${name.value}`;
      fixed.fields.add(coordinate);
      for (const { name: argument, value } of given) {
        const type = field.args.find((known) => known.name === argument.value)?.type;
        if (type === undefined) continue;
        send(value, type, (to) => to.arguments.add(`${coordinate}.${argument.value}`));
      }
      return undefined;
    },
  });

  /** Notes that a value goes to a place of this type. */
  function send(value: ValueNode, type: GraphQLInputType, add: (to: CoordinateSet) => void): void {
    if (value.kind === Kind.VARIABLE) {
      uses.push({ variable: value.name.value, add });
      return;
    }
    add(fixed);
    addLiteral(value, type, fixed, send);
  }

  visit(operation, visitor);
  for (const fragment of fragments) visit(fragment, visitor);
  const definitions = (operation.variableDefinitions ?? []).flatMap((definition): VariableDefinition[] => {
    const type = typeFromAST(schema, definition.type as NamedTypeNode) as GraphQLInputType | undefined;
    const { value: name } = definition.variable.name;
    // Those that are used as conditions alone, and scalars, have no coordinates of their own.
    return type === undefined ? [] : [{ name, type, default: definition.defaultValue }];
  });
  const withValues = definitions.filter(({ type }) => {
    const named = getNamedType(type);
    return isInputObjectType(named) || isEnumType(named);
  });
  const withDefault = new Set(definitions.flatMap((each) => (each.default ? [each.name] : [])));

  return {
    dependsOnVariables: uses.length > 0 || withValues.length > 0,
    coordinatesOf(variables) {
      const sent = fixed.copy();
      const isSent = (name: string) => variables[name] !== undefined || withDefault.has(name);
      for (const { variable, add } of uses) if (isSent(variable)) add(sent);
      for (const { name, type, default: literal } of withValues) {
        const value = variables[name];
        const sendDefault: Send = (inner, innerType, add) => {
          add(sent);
          addLiteral(inner, innerType, sent, sendDefault);
        };
        if (value !== undefined) addValue(value, type, sent);
        else if (literal) addLiteral(literal, type, sent, sendDefault);
      }
      return sent.toCoordinates();
    },
  };
}

type Send = (value: ValueNode, type: GraphQLInputType, add: (to: CoordinateSet) => void) => void;

/** @param send is given what is within, be it a literal or a variable */
function addLiteral(value: ValueNode, type: GraphQLInputType, to: CoordinateSet, send: Send): void {
  const named = getNamedType(type);
  if (value.kind === Kind.LIST) {
    for (const item of value.values) {
      if (item.kind !== Kind.VARIABLE) addLiteral(item, type, to, send);
    }
  } else if (value.kind === Kind.ENUM && isEnumType(named)) {
    to.enumValues.add(`${named.name}.${value.value}`);
  } else if (value.kind === Kind.OBJECT && isInputObjectType(named)) {
    for (const field of value.fields) {
      const definition = named.getFields()[field.name.value];
      if (definition === undefined) continue;
      send(field.value, definition.type, (set) => set.inputFields.add(`${named.name}.${field.name.value}`));
    }
  }
}

function addValue(value: unknown, type: GraphQLInputType, to: CoordinateSet): void {
  const named = getNamedType(type);
  if (Array.isArray(value)) {
    for (const item of value) addValue(item, type, to);
  } else if (isEnumType(named)) {
    if (typeof value === 'string') to.enumValues.add(`${named.name}.${value}`);
  } else if (isInputObjectType(named) && typeof value === 'object' && value !== null) {
    const fields = named.getFields();
    for (const [name, inner] of Object.entries(value)) {
      const definition = fields[name];
      if (definition === undefined || inner === undefined) continue;
      to.inputFields.add(`${named.name}.${name}`);
      addValue(inner, definition.type, to);
    }
  }
}
