import {
  type ArgumentNode,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isSpecifiedScalarType,
  Kind,
  parseType,
  TypeInfo,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { canonicalJson } from '../cache/fetch/canonicalJson.js';

export interface LiftedDocument {
  /** The document with a variable in the place of each literal. */
  readonly document: DocumentNode;
  /** What the variables stand for, as a client would send it. */
  readonly literals: Readonly<Record<string, unknown>>;
}

const PREFIX = 'literal_';

/** No value: it stays where it is. */
const NONE = Symbol('no value');

/** A literal as JSON, where a subgraph reads the same from a variable. Custom scalars may read a literal in their own way. */
function jsonOf(node: ValueNode, type: GraphQLInputType): unknown {
  if (node.kind === Kind.VARIABLE) return NONE;
  if (isNonNullType(type)) return jsonOf(node, type.ofType);
  if (node.kind === Kind.NULL) return null;
  if (isListType(type)) {
    if (node.kind !== Kind.LIST) return jsonOf(node, type.ofType);
    const values = node.values.map((element) => jsonOf(element, type.ofType));
    return values.includes(NONE) ? NONE : values;
  }
  if (isInputObjectType(type)) {
    if (node.kind !== Kind.OBJECT) return NONE;
    const fields = type.getFields();
    const entries = node.fields.map(({ name, value }): [string, unknown] => {
      const field = fields[name.value];
      return [name.value, field === undefined ? NONE : jsonOf(value, field.type)];
    });
    return entries.some(([, value]) => value === NONE) ? NONE : Object.fromEntries(entries);
  }
  if (isEnumType(type)) return node.kind === Kind.ENUM ? node.value : NONE;
  return isSpecifiedScalarType(type) ? scalarOf(node, type.name) : NONE;
}

function scalarOf(node: ValueNode, type: string): unknown {
  switch (node.kind) {
    case Kind.STRING:
      return type === 'String' || type === 'ID' ? node.value : NONE;
    case Kind.BOOLEAN:
      return type === 'Boolean' ? node.value : NONE;
    case Kind.INT:
      if (type === 'ID') return node.value;
      return type === 'Int' || type === 'Float' ? finite(node.value) : NONE;
    case Kind.FLOAT:
      return type === 'Float' ? finite(node.value) : NONE;
    default:
      return NONE;
  }
}

function finite(text: string): unknown {
  const value = Number(text);
  return Number.isFinite(value) ? value : NONE;
}

/**
 * Makes one document of all that differ only in what is written into the arguments of their fields, so that one plan is
 * enough for them. Directives keep what they are given: the plan depends on it.
 *
 * @param document that is valid
 * @returns `undefined` where there is nothing to lift, and for documents of several operations
 */
export function liftLiterals(document: DocumentNode, schema: GraphQLSchema): LiftedDocument | undefined {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (operation?.kind !== Kind.OPERATION_DEFINITION || operations.length > 1) return undefined;
  const { variableDefinitions = [] } = operation;
  if (variableDefinitions.some(({ variable }) => variable.name.value.startsWith(PREFIX))) return undefined;

  const literals: Record<string, unknown> = {};
  const added: VariableDefinitionNode[] = [];
  const nameOf = new Map<string, string>();
  const typeInfo = new TypeInfo(schema);

  function lifted(node: ArgumentNode, type: GraphQLInputType): ArgumentNode | undefined {
    const value = jsonOf(node.value, type);
    if (value === NONE || value === null) return undefined;
    // Fields of one name in the response have to have the same arguments, in objects in any order.
    const text = `${String(type)} ${canonicalJson(value)}`;
    let name = nameOf.get(text);
    if (name === undefined) {
      name = `${PREFIX}${added.length}`;
      nameOf.set(text, name);
      literals[name] = value;
      const variable = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } } as const;
      added.push({ kind: Kind.VARIABLE_DEFINITION, variable, type: parseType(String(type)) });
    }
    return { ...node, value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } } };
  }

  const replaced = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Directive: () => false,
      Argument(node) {
        const argument = typeInfo.getArgument();
        // Introspection is answered here, and kept where it has no variables.
        const isIntrospection = [typeInfo.getParentType(), typeInfo.getFieldDef()].some((definition) =>
          definition?.name.startsWith('__'),
        );
        return argument && !isIntrospection ? (lifted(node, argument.type) ?? false) : false;
      },
    }),
  );
  if (added.length === 0) return undefined;
  const definitions = replaced.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? { ...definition, variableDefinitions: [...variableDefinitions, ...added] }
      : definition,
  );
  return { document: { ...replaced, definitions }, literals };
}
