import {
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  type NameNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { PathSegment } from '../plan/responsePath.js';
import type { ResponseNames } from '../prepare/prepareDocument.js';
import { collectFields } from './collectFields.js';
import { createObjectShape, type ObjectShape } from './shapes.js';

/** Where a part of a response belongs, and what it shows there. */
export interface PartShape {
  readonly path: readonly PathSegment[];
  readonly shape: ObjectShape;
}

/** Shapes for the parts of a response that does not come as a whole. */
export interface PartShapes {
  readonly responseNames: ResponseNames;
  /**
   * @param conditions values of the variables that `@skip` and `@include` use
   * @param path as in `DeferredPart`
   * @param inner paths of what is deferred inside it: it shows the objects on the way, so that there is a place for them
   * @returns `undefined` when the operation does not select that place
   */
  shapeAt(
    conditions: ReadonlyMap<string, boolean>,
    path: readonly string[],
    selection: SelectionSetNode | undefined,
    inner: readonly (readonly string[])[],
  ): PartShape | undefined;
}

const CONDITION = '... on ';

export function createPartShapes(
  operation: OperationDefinitionNode,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
  schema: GraphQLSchema,
  rootType: GraphQLObjectType,
  responseNames: ResponseNames,
): PartShapes {
  function walk(conditions: ReadonlyMap<string, boolean>, path: readonly string[]): Place | undefined {
    const context = { schema, fragments, conditions, responseNames };
    const segments: PathSegment[] = [];
    const wrappers: Wrapper[] = [];
    let type: GraphQLCompositeType = rootType;
    let selectionSets: readonly SelectionSetNode[] = [operation.selectionSet];
    for (const element of path) {
      if (element.startsWith(CONDITION)) {
        const condition = schema.getType(element.slice(CONDITION.length));
        if (!isCompositeType(condition)) return undefined;
        type = condition;
        segments.push({ kind: 'here', types: typeNames(condition, schema) });
        const typeCondition = { kind: Kind.NAMED_TYPE, name: nameNode(condition.name) } as const;
        wrappers.push((selectionSet) => ({ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet }));
        continue;
      }
      const nodes = collectFields(selectionSets, type, context).get(element) ?? [];
      const fieldName = nodes[0]?.name.value ?? '';
      const field = 'getFields' in type ? type.getFields()[fieldName] : undefined;
      const fieldType = field && getNamedType(field.type);
      if (!isCompositeType(fieldType)) return undefined;
      type = fieldType;
      selectionSets = nodes.flatMap((node) => node.selectionSet ?? []);
      segments.push({ kind: 'field', name: element, types: undefined });
      const names = { alias: nameNode(element), name: nameNode(fieldName) };
      wrappers.push((selectionSet) => ({ kind: Kind.FIELD, ...names, selectionSet }));
    }
    return { type, segments, wrappers };
  }

  return {
    responseNames,
    shapeAt(conditions, path, selection, inner) {
      const place = walk(conditions, path);
      if (place === undefined) return undefined;
      const ways = inner.flatMap((innerPath) => {
        const isInside = path.every((element, index) => innerPath[index] === element);
        const { wrappers } = (isInside && walk(conditions, innerPath)) || place;
        return wrappers
          .slice(path.length)
          .reduceRight<SelectionSetNode>((set, wrap) => setOf([wrap(set)]), setOf([]));
      });
      const selectionSets = selection === undefined ? ways : [selection, ...ways];
      const context = { schema, fragments, conditions, responseNames };
      return { path: place.segments, shape: createObjectShape(place.type, selectionSets, context) };
    },
  };
}

type Wrapper = (inner: SelectionSetNode) => SelectionNode;

interface Place {
  readonly type: GraphQLCompositeType;
  readonly segments: readonly PathSegment[];
  /** Make the selection that leads there. */
  readonly wrappers: readonly Wrapper[];
}

function setOf(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}

function nameNode(value: string): NameNode {
  return { kind: Kind.NAME, value };
}

function typeNames(type: GraphQLCompositeType, schema: GraphQLSchema): ReadonlySet<string> {
  const names = isAbstractType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [];
  return new Set([type.name, ...names]);
}
