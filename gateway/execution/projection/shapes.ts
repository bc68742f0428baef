import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { type CollectContext, collectFields } from './collectFields.js';
import { type LeafCheck, type LeafKind, leafCheck, leafKind } from './leafCheck.js';

export type ValueShape =
  | {
      readonly kind: 'leaf';
      readonly nonNull: boolean;
      readonly typeName: string;
      readonly scalar: LeafKind;
      readonly check: LeafCheck;
    }
  | { readonly kind: 'list'; readonly nonNull: boolean; readonly typeName: string; readonly of: ValueShape }
  | {
      readonly kind: 'object';
      readonly nonNull: boolean;
      readonly typeName: string;
      readonly object: ObjectShape;
    };

export interface FieldShape {
  /** Its key in the result tree. */
  readonly sourceName: string;
  /** Its key in the response. */
  readonly responseName: string;
  readonly fieldName: string;
  readonly value: ValueShape | 'typename' | 'introspection';
}

export interface ObjectFields {
  /** `undefined` where the object is known by an interface only: its `__typename` cannot be answered. */
  readonly typename: string | undefined;
  /** The type that messages about its fields name. */
  readonly typeName: string;
  readonly fields: readonly FieldShape[];
}

/** What the response shows of an object, by the object's runtime type; worked out when a type first occurs. */
export interface ObjectShape {
  readonly declaredType: GraphQLCompositeType;
  /** `undefined` if the client's schema does not allow an object of that type here. */
  fieldsFor(typename: string | undefined): ObjectFields | undefined;
}

/** The type to select fields by, or `undefined` if the runtime type does not fit. */
function runtimeType(
  declared: GraphQLCompositeType,
  typename: string | undefined,
  { schema }: CollectContext,
): GraphQLCompositeType | undefined {
  if (typename === undefined || typename === declared.name) {
    return declared;
  }
  const type = schema.getType(typename);
  if (isObjectType(type)) {
    return isAbstractType(declared) && schema.isSubType(declared, type) ? type : undefined;
  }
  if (!isInterfaceType(type)) {
    return undefined;
  }
  // The name that an @interfaceObject goes by. Whichever of both says more about the object is its type.
  if (isInterfaceType(declared) && schema.isSubType(declared, type)) {
    return type;
  }
  const fits = (isObjectType(declared) || isInterfaceType(declared)) && schema.isSubType(type, declared);
  return fits ? declared : undefined;
}

function valueShape(
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
  context: CollectContext,
): ValueShape {
  const nonNull = isNonNullType(type);
  const nullable = getNullableType(type);
  const typeName = String(nullable);
  if (isListType(nullable)) {
    return { kind: 'list', nonNull, typeName, of: valueShape(nullable.ofType, nodes, context) };
  }
  if (isLeafType(nullable)) {
    return { kind: 'leaf', nonNull, typeName, scalar: leafKind(nullable), check: leafCheck(nullable) };
  }
  const selectionSets = nodes.flatMap((node) => (node.selectionSet === undefined ? [] : [node.selectionSet]));
  const object = createObjectShape(nullable, selectionSets, context);
  return { kind: 'object', nonNull, typeName, object };
}

function fieldShape(
  type: GraphQLCompositeType,
  sourceName: string,
  nodes: readonly [FieldNode, ...FieldNode[]],
  context: CollectContext,
): FieldShape | undefined {
  const responseName = context.responseNames.has(sourceName)
    ? context.responseNames.get(sourceName)
    : sourceName;
  if (responseName === undefined) {
    return undefined;
  }
  const fieldName = nodes[0].name.value;
  if (fieldName === TypeNameMetaFieldDef.name) {
    return { sourceName, responseName, fieldName, value: 'typename' };
  }
  if (fieldName === SchemaMetaFieldDef.name || fieldName === TypeMetaFieldDef.name) {
    return { sourceName, responseName, fieldName, value: 'introspection' };
  }
  const field = 'getFields' in type ? type.getFields()[fieldName] : undefined;
  return field && { sourceName, responseName, fieldName, value: valueShape(field.type, nodes, context) };
}

function computeFields(
  type: GraphQLCompositeType,
  selectionSets: readonly SelectionSetNode[],
  context: CollectContext,
): ObjectFields {
  const fields: FieldShape[] = [];
  for (const [sourceName, [first, ...rest]] of collectFields(selectionSets, type, context)) {
    const shape = first && fieldShape(type, sourceName, [first, ...rest], context);
    if (shape !== undefined) {
      fields.push(shape);
    }
  }
  return { typename: isObjectType(type) ? type.name : undefined, typeName: type.name, fields };
}

export function createObjectShape(
  declaredType: GraphQLCompositeType,
  selectionSets: readonly SelectionSetNode[],
  context: CollectContext,
): ObjectShape {
  const fieldsByTypename = new Map<string, ObjectFields>();
  return {
    declaredType,
    fieldsFor(typename) {
      const known = fieldsByTypename.get(typename ?? declaredType.name);
      if (known !== undefined) {
        return known;
      }
      const type = runtimeType(declaredType, typename, context);
      // Not remembered when it does not fit: a subgraph could make up names without end.
      if (type === undefined || !isCompositeType(type)) {
        return undefined;
      }
      const fields = computeFields(type, selectionSets, context);
      fieldsByTypename.set(typename ?? declaredType.name, fields);
      return fields;
    },
  };
}
