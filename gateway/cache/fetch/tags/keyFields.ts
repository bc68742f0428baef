import { Kind, parse, type SelectionSetNode } from 'graphql';

/** Fields of an entity that identify it, as a tree; a leaf has no fields of its own. */
export interface KeyTree extends ReadonlyMap<string, KeyTree> {}

/** One scalar of a key. */
export interface KeyPath {
  /** As it stands in a tag, such as `org.id`. */
  readonly name: string;
  readonly path: readonly string[];
}

/** The scalars of one `@key`, sorted by name; `undefined` for a field set with fragments, which no tag can stand for. */
export function parseKey(fields: string): readonly KeyPath[] | undefined {
  const [definition] = parse(`{${fields}}`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return undefined;
  const paths = leafPaths(definition.selectionSet, []);
  return paths?.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function leafPaths(set: SelectionSetNode, above: readonly string[]): KeyPath[] | undefined {
  const paths: KeyPath[] = [];
  for (const selection of set.selections) {
    if (selection.kind !== Kind.FIELD) return undefined;
    const path = [...above, selection.name.value];
    if (selection.selectionSet === undefined) {
      paths.push({ name: path.join('.'), path });
      continue;
    }
    const below = leafPaths(selection.selectionSet, path);
    if (below === undefined) return undefined;
    paths.push(...below);
  }
  return paths;
}

/** All of the paths in one tree. */
export function keyTree(paths: readonly (readonly string[])[]): KeyTree {
  type MutableTree = Map<string, MutableTree>;
  const root: MutableTree = new Map();
  for (const path of paths) {
    let tree = root;
    for (const name of path) {
      let next = tree.get(name);
      if (next === undefined) {
        next = new Map();
        tree.set(name, next);
      }
      tree = next;
    }
  }
  return root;
}
