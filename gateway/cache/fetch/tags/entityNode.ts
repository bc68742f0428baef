/**
 * One place in an answer, by response names, that has entities in it or below it. Where selections of different types
 * merge at one place, so do their nodes: each name is then one of several under which a value can stand.
 */
export interface EntityNode {
  /** Where the type's name can be found; empty when no entity can stand here itself. */
  readonly typenames: Set<string>;
  /** Where a key's field can be found: by entity type, then by field. */
  readonly fields: Map<string, Map<string, Set<string>>>;
  /** What was added to the selection and is taken out of the answer again. */
  readonly added: Set<string>;
  readonly children: Map<string, EntityNode>;
}

export function createEntityNode(): EntityNode {
  return { typenames: new Set(), fields: new Map(), added: new Set(), children: new Map() };
}

/** The node of a field below a node; the same one for every selection of that response name. */
export function childNode(node: EntityNode, responseName: string): EntityNode {
  let child = node.children.get(responseName);
  if (child === undefined) {
    child = createEntityNode();
    node.children.set(responseName, child);
  }
  return child;
}

/** Notes that a field of an entity type can stand under this response name. */
export function noteField(node: EntityNode, typename: string, field: string, responseName: string): void {
  let fields = node.fields.get(typename);
  if (fields === undefined) {
    fields = new Map();
    node.fields.set(typename, fields);
  }
  const known = fields.get(field);
  if (known) known.add(responseName);
  else fields.set(field, new Set([responseName]));
}

/** Drops what leads to no entity, so that nobody walks there. Whether anything is left. */
export function pruneNode(node: EntityNode): boolean {
  for (const [name, child] of node.children) {
    if (!pruneNode(child)) node.children.delete(name);
  }
  return node.children.size > 0 || node.typenames.size > 0 || node.fields.size > 0;
}
