import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { type EntityNode, noteField } from './entityNode.js';
import type { KeyTree } from './keyFields.js';
import type { ReservedNames } from './reservedNames.js';
import type { EntityType, SubgraphModel } from './subgraphModel.js';

/** The object types that a value of this type can have. */
export function runtimeTypes(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
): readonly GraphQLObjectType[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
}

/**
 * What has to be selected besides `selections` so that each entity of `type` can be identified: its type's name and
 * its key fields, under reserved names unless they are there for every object already. Notes in `node` where each
 * will stand.
 */
export function addKeyFields(
  model: SubgraphModel,
  reserved: ReservedNames,
  type: GraphQLCompositeType,
  selections: readonly SelectionNode[],
  node: EntityNode,
): readonly SelectionNode[] {
  const entities = runtimeTypes(model.schema, type).flatMap(({ name }) => model.entities.get(name) ?? []);
  if (entities.length === 0) return [];
  const added: SelectionNode[] = [];
  const typename = addTypename(reserved, selections, node);
  if (typename) added.push(typename);
  const onInterface = new Map<string, SelectionNode | undefined>();
  for (const entity of entities) {
    const own: SelectionNode[] = [];
    for (const [field, tree] of entity.fields) {
      // Once for the whole interface where it has the field: an interface can have many implementations.
      const owner = isInterfaceType(type) && type.getFields()[field] ? type.name : entity.name;
      const reused = owner === entity.name && !isObjectType(type) ? undefined : findPlain(selections, field);
      if (reused !== undefined && tree.size === 0) {
        noteField(node, entity.name, field, reused);
        continue;
      }
      const alias = reserved.field(owner, field);
      node.added.add(alias);
      noteField(node, entity.name, field, alias);
      const selection = fieldSelection(field, tree, alias);
      if (owner === type.name) onInterface.set(alias, mergeKeySelections(onInterface.get(alias), selection));
      else own.push(selection);
    }
    if (own.length > 0) added.push(fragmentOn(entity.name, own));
  }
  return [...added, ...[...onInterface.values()].filter((selection) => selection !== undefined)];
}

/** Asks for the type's name; `undefined` when it is asked for already. */
export function addTypename(
  reserved: ReservedNames,
  selections: readonly SelectionNode[],
  node: EntityNode,
): SelectionNode | undefined {
  if (findPlain(selections, '__typename') === '__typename') {
    node.typenames.add('__typename');
    return undefined;
  }
  node.typenames.add(reserved.typename);
  node.added.add(reserved.typename);
  return fieldSelection('__typename', new Map(), reserved.typename);
}

/** What representations do not bring of an entity that is asked for by representation. */
export function addFieldsBesideRepresentation(
  reserved: ReservedNames,
  entity: EntityType,
  node: EntityNode,
): readonly SelectionNode[] {
  const own: SelectionNode[] = [];
  for (const [field, tree] of entity.fields) {
    if (entity.represented.has(field)) continue;
    const alias = reserved.field(entity.name, field);
    node.added.add(alias);
    noteField(node, entity.name, field, alias);
    own.push(fieldSelection(field, tree, alias));
  }
  return own.length === 0 ? [] : [fragmentOn(entity.name, own)];
}

/** The response name of a scalar field that is selected here for every object, whatever the variables are. */
function findPlain(selections: readonly SelectionNode[], field: string): string | undefined {
  const found = selections.find(
    (selection): selection is FieldNode =>
      selection.kind === Kind.FIELD &&
      selection.name.value === field &&
      !selection.directives?.length &&
      !selection.arguments?.length &&
      selection.selectionSet === undefined,
  );
  return found && (found.alias?.value ?? found.name.value);
}

function fieldSelection(field: string, tree: KeyTree, alias?: string): FieldNode {
  const name = { kind: Kind.NAME, value: field } as const;
  const aliased = alias === undefined ? {} : { alias: { kind: Kind.NAME, value: alias } as const };
  return tree.size === 0
    ? { kind: Kind.FIELD, name, ...aliased }
    : { kind: Kind.FIELD, name, ...aliased, selectionSet: treeSelection(tree) };
}

function treeSelection(tree: KeyTree): SelectionSetNode {
  return {
    kind: Kind.SELECTION_SET,
    selections: [...tree].map(([field, below]) => fieldSelection(field, below)),
  };
}

/** Two entity types of one interface can need different parts of the same nested key field. */
function mergeKeySelections(known: SelectionNode | undefined, selection: FieldNode): FieldNode {
  if (known?.kind !== Kind.FIELD || !known.selectionSet || !selection.selectionSet) return selection;
  const selections = [...known.selectionSet.selections, ...selection.selectionSet.selections];
  return { ...selection, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function fragmentOn(typename: string, selections: readonly SelectionNode[]): SelectionNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: typename } },
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
}
