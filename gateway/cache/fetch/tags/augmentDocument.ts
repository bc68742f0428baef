import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  getNamedType,
  isCompositeType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { addFieldsBesideRepresentation, addKeyFields, addTypename, runtimeTypes } from './addKeyFields.js';
import { childNode, createEntityNode, type EntityNode, pruneNode } from './entityNode.js';
import { type ReservedNames, reserveNames } from './reservedNames.js';
import type { SubgraphModel } from './subgraphModel.js';

/** A field that was met on the way, with its definition. */
export interface MetField {
  /** `Type.field`. */
  readonly coordinate: string;
  readonly node: FieldNode;
  readonly definition: GraphQLField<unknown, unknown>;
  /** Where its value stands when it is a field of the root. */
  readonly rootName: string | undefined;
}

export interface AugmentedDocument {
  readonly operation: OperationDefinitionNode;
  /** The operation, and the fragments that it uses. */
  readonly document: DocumentNode;
  /** Where in `data` entities can be. */
  readonly root: EntityNode;
  readonly fields: readonly MetField[];
  readonly reserved: ReservedNames;
}

/** The field of the entity protocol; its elements are known by their representations. */
export const ENTITIES = '_entities';

/**
 * Rewrites a document so that every entity in the answer can be identified.
 *
 * @throws when the document does not fit the subgraph's schema, so that nothing can be said about the answer
 */
export function augmentDocument(model: SubgraphModel, document: DocumentNode): AugmentedDocument {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const operation = operations[0] as OperationDefinitionNode | undefined;
  const rootType = operation && model.schema.getRootType(operation.operation);
  if (operation === undefined || !rootType) throw new Error('the document has no operation that fits');
  const augmenter = createAugmenter(model, document);
  const root = createEntityNode();
  const rewritten = { ...operation, selectionSet: augmenter.rewrite(operation.selectionSet, rootType, root) };
  pruneNode(root);
  return {
    operation: rewritten,
    document: { kind: Kind.DOCUMENT, definitions: [rewritten, ...augmenter.fragments.values()] },
    root,
    fields: augmenter.fields,
    reserved: augmenter.reserved,
  };
}

function createAugmenter(model: SubgraphModel, document: DocumentNode) {
  const { schema } = model;
  const reserved = reserveNames(document);
  const definitions = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) definitions.set(definition.name.value, definition);
  }
  const fragments = new Map<string, FragmentDefinitionNode>();
  const fields: MetField[] = [];
  let depth = 0;

  function compositeType(name: string): GraphQLCompositeType {
    const type = schema.getType(name);
    if (!isCompositeType(type)) throw new Error(`the subgraph has no type ${name}`);
    return type;
  }

  function definitionOf(name: string): FragmentDefinitionNode {
    const definition = definitions.get(name);
    if (definition === undefined) throw new Error(`the document has no fragment ${name}`);
    return definition;
  }

  /** `node` is that of the field around the selection set, fragments in between left out. */
  function rewrite(set: SelectionSetNode, type: GraphQLCompositeType, node: EntityNode): SelectionSetNode {
    return { ...set, selections: set.selections.map((selection) => rewriteOne(selection, type, node)) };
  }

  function rewriteOne(selection: SelectionNode, type: GraphQLCompositeType, node: EntityNode): SelectionNode {
    if (selection.kind === Kind.FIELD) return rewriteField(selection, type, node);
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      const inner = condition === undefined ? type : compositeType(condition);
      return { ...selection, selectionSet: rewrite(selection.selectionSet, inner, node) };
    }
    // Again at every place: what it becomes is the same each time, but each place has a node of its own.
    const definition = definitionOf(selection.name.value);
    const inner = compositeType(definition.typeCondition.name.value);
    fragments.set(selection.name.value, {
      ...definition,
      selectionSet: rewrite(definition.selectionSet, inner, node),
    });
    return selection;
  }

  function rewriteField(field: FieldNode, parent: GraphQLCompositeType, node: EntityNode): FieldNode {
    const name = field.name.value;
    if (name.startsWith('__')) return field;
    const definition = isUnionType(parent) ? undefined : parent.getFields()[name];
    if (definition === undefined) throw new Error(`the subgraph has no field ${parent.name}.${name}`);
    const responseName = field.alias?.value ?? name;
    const rootName = depth === 0 ? responseName : undefined;
    fields.push({ coordinate: `${parent.name}.${name}`, node: field, definition, rootName });
    const type = getNamedType(definition.type);
    if (field.selectionSet === undefined || !isCompositeType(type)) return field;
    const child = childNode(node, responseName);
    depth++;
    const { selections } = rewrite(field.selectionSet, type, child);
    depth--;
    const added =
      rootName === ENTITIES
        ? addToEntities(field.selectionSet, child)
        : addKeyFields(model, reserved, type, field.selectionSet.selections, child);
    return { ...field, selectionSet: { ...field.selectionSet, selections: [...selections, ...added] } };
  }

  /** Only types that the selection speaks of: a representation of another one would bring nothing. */
  function addToEntities(set: SelectionSetNode, node: EntityNode): readonly SelectionNode[] {
    const conditions = [...typeConditions(set)].map(compositeType);
    const names = new Set(conditions.flatMap((type) => runtimeTypes(schema, type)).map(({ name }) => name));
    const added = [...names].flatMap((name) => {
      const entity = model.entities.get(name);
      return entity ? addFieldsBesideRepresentation(reserved, entity, node) : [];
    });
    // An object type is the representation's own; behind an interface the subgraph knows better.
    const isClear = conditions.every((type) => runtimeTypes(schema, type)[0] === type);
    const typename = isClear ? undefined : addTypename(reserved, set.selections, node);
    return typename ? [typename, ...added] : added;
  }

  function typeConditions(set: SelectionSetNode): Set<string> {
    const found = new Set<string>();
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) continue;
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : definitionOf(selection.name.value);
      const condition = inner.typeCondition?.name.value;
      if (condition !== undefined) found.add(condition);
      else for (const name of typeConditions(inner.selectionSet)) found.add(name);
    }
    return found;
  }

  return { rewrite, fragments, fields, reserved };
}
