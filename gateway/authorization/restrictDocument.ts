import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type GraphQLType,
  isListType,
  isNonNullType,
  Kind,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { PreparedDocument, ResponseNames } from '../execution/prepare/prepareDocument.js';
import type { Requirements } from './readRequirements.js';

export interface RestrictedDocument {
  /** To be planned: without the fields that the caller may not see. */
  readonly planned: DocumentNode;
  /** To shape the answer by: with those fields, under names that no data has, so that they are null. */
  readonly shaped: DocumentNode;
  readonly responseNames: ResponseNames;
  /** The fields that were taken out, as nodes of the document that was given. */
  readonly unauthorized: ReadonlySet<FieldNode>;
  /** The fields of that document that are lists: how deep. */
  readonly listDepths: ReadonlyMap<FieldNode, number>;
}

/** The requirements that a document's fields have: indexes, ascending. */
export function requirementsOf(
  document: DocumentNode,
  schema: GraphQLSchema,
  requirements: Requirements,
): readonly number[] {
  const ids = new Set<number>();
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field() {
        for (const id of fieldRequirements(types, requirements)) ids.add(id);
      },
    }),
  );
  return [...ids].sort((a, b) => a - b);
}

/**
 * Takes out of a document what requires something that is not met. What is left is planned, so that subgraphs are never
 * asked for the rest; a key field that the planner asks for all the same does not get into the answer either, since it
 * is shaped by a document that looks for it elsewhere.
 */
export function restrictDocument(
  { document, responseNames }: PreparedDocument,
  schema: GraphQLSchema,
  requirements: Requirements,
  isMet: (id: number) => boolean,
): RestrictedDocument {
  const unauthorized = new Set<FieldNode>();
  const listDepths = new Map<FieldNode, number>();
  const used = new Set<string>();
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(field) {
        used.add(responseNameOf(field));
        listDepths.set(field, listDepth(types));
        if (!fieldRequirements(types, requirements).every(isMet)) unauthorized.add(field);
      },
    }),
  );
  const names = new Map<string, string>();
  const shapedNames = new Map(responseNames);
  const nameFor = (field: FieldNode): string => {
    const responseName = responseNameOf(field);
    let name = names.get(responseName);
    if (name === undefined) {
      name = unusedName(`${responseName}__unauthorized`, used);
      names.set(responseName, name);
      const shown = responseNames.has(responseName) ? responseNames.get(responseName) : responseName;
      shapedNames.set(name, shown);
    }
    return name;
  };
  const keeper = unusedName('keep__unauthorized', used);
  return {
    planned: visit(document, {
      Field: { enter: (field) => (unauthorized.has(field) ? null : undefined) },
      SelectionSet: { leave: (set) => (set.selections.length === 0 ? onlyTypename(set, keeper) : undefined) },
    }),
    shaped: visit(document, {
      Field: {
        enter: (field) =>
          unauthorized.has(field)
            ? { ...field, alias: { kind: Kind.NAME, value: nameFor(field) } as const }
            : undefined,
      },
    }),
    responseNames: shapedNames,
    unauthorized,
    listDepths,
  };
}

function fieldRequirements(types: TypeInfo, requirements: Requirements): readonly number[] {
  const parent = types.getParentType();
  const field = types.getFieldDef();
  return parent && field ? requirements.ofField(parent, field) : [];
}

function responseNameOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function listDepth(types: TypeInfo): number {
  let depth = 0;
  let type: GraphQLType | null | undefined = types.getType();
  while (isNonNullType(type) || isListType(type)) {
    if (isListType(type)) depth += 1;
    type = type.ofType;
  }
  return depth;
}

function unusedName(wish: string, used: Set<string>): string {
  let name = wish;
  for (let count = 1; used.has(name); count++) name = `${wish}_${count}`;
  used.add(name);
  return name;
}

/** An object of which nothing may be seen is still there, or not: it is asked for, and shown with nulls. */
function onlyTypename(set: SelectionSetNode, alias: string): SelectionSetNode {
  const field: FieldNode = {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: alias },
    name: { kind: Kind.NAME, value: '__typename' },
  };
  return { ...set, selections: [field] };
}
