import { createHash } from 'node:crypto';
import { Kind, parse, print, stripIgnoredCharacters } from 'graphql';
import { getOwn, isJsonObject, type JsonObject } from '../../../execution/json.js';
import { subgraphTag } from '../../invalidation.js';
import { runtimeTypes } from './addKeyFields.js';
import { addArgumentTags, createTaggedField, type TaggedField, type Variables } from './argumentTags.js';
import { type AugmentedDocument, augmentDocument, ENTITIES } from './augmentDocument.js';
import { collectEntityTags, firstOf, stripAdded, type TagFinding, tagEntity } from './collectEntityTags.js';
import type { EntityNode } from './entityNode.js';
import type { SubgraphModel } from './subgraphModel.js';

/** How to ask a query of a subgraph so that its answer can be tagged, and how to tag it. */
export interface FetchTags {
  /** The query, minified, with everything that identifies the entities in its answer. */
  readonly query: string;
  /** Hash of the query without the operation's name: equal for fetches that ask the same. */
  readonly queryKey: string;
  /** Whether `_entities` is all that it asks. */
  readonly isEntityFetch: boolean;
  /** Fields of the root, by response name, of which a tag can tell more than the name of the subgraph. */
  readonly taggedRoots: ReadonlySet<string>;
  /** Whether an error with this path can only come from what was added to the query. */
  isAddedPath(path: readonly unknown[]): boolean;
  /** Tags of a whole answer. Takes out of `data` what was added to the query. */
  tagsOf(data: JsonObject, variables: Variables): RootFinding;
  /** Tags of the answer for one representation, `null` included. Takes out of it what was added to the query. */
  tagsOfEntity(entity: unknown, representation: JsonObject): TagFinding;
}

export interface RootFinding extends TagFinding {
  /** Whether a field of the root is `null`. */
  hasNull: boolean;
  /** Whether every `null` of the root is named by the tag of an argument, so that something purges it. */
  nullsAreNamed: boolean;
}

/** @throws when the query does not fit the subgraph's schema */
export function compileFetchTags(model: SubgraphModel, query: string): FetchTags {
  const augmented = augmentDocument(model, parse(query, { noLocation: true }));
  const { operation, document, root, fields } = augmented;
  const isForEntities = isEntityFetch(augmented);
  if (!isForEntities && fields.some(({ definition }) => definition.name === ENTITIES)) {
    throw new Error('entities that are asked for among other things cannot be told apart');
  }
  const tagged = fields.flatMap((field): TaggedField[] => {
    const formats = model.fieldFormats.get(field.coordinate);
    return formats ? [createTaggedField(field, formats, operation)] : [];
  });
  const { name: _name, ...anonymous } = operation;
  const definitions = document.definitions.map((definition) =>
    definition === operation ? anonymous : definition,
  );
  return {
    query: minify(document),
    queryKey: createHash('sha256')
      .update(minify({ kind: Kind.DOCUMENT, definitions }))
      .digest('base64url'),
    isEntityFetch: isForEntities,
    taggedRoots: new Set([...root.children.keys(), ...tagged.flatMap(({ rootName }) => rootName ?? [])]),
    isAddedPath: createPathTest(root),
    tagsOf(data, variables) {
      const tags = new Set([subgraphTag(model.name)]);
      const finding: RootFinding = { tags, hasNull: false, nullsAreNamed: true };
      const named = new Set<string>();
      for (const field of tagged) {
        const isNamed = addArgumentTags(field, variables, tags);
        if (isNamed && field.rootName !== undefined) named.add(field.rootName);
      }
      collectEntityTags(model, root, data, finding);
      for (const name of Object.keys(data)) {
        if (data[name] !== null) continue;
        finding.hasNull = true;
        if (!named.has(name)) finding.nullsAreNamed = false;
      }
      return finding;
    },
    tagsOfEntity: createEntityTagger(model, root.children.get(ENTITIES)),
  };
}

function minify(document: AugmentedDocument['document']): string {
  return stripIgnoredCharacters(print(document));
}

function isEntityFetch({ operation }: AugmentedDocument): boolean {
  const [only, ...others] = operation.selectionSet.selections;
  if (others.length > 0 || only?.kind !== Kind.FIELD || only.alias || only.directives?.length) return false;
  const argument = only.arguments?.[0]?.value;
  return (
    only.name.value === ENTITIES &&
    argument?.kind === Kind.VARIABLE &&
    argument.name.value === 'representations'
  );
}

function createPathTest(root: EntityNode): (path: readonly unknown[]) => boolean {
  const added = new Set<unknown>();
  const collect = (node: EntityNode): void => {
    for (const name of node.added) added.add(name);
    for (const child of node.children.values()) collect(child);
  };
  collect(root);
  return (path) => path.some((part) => added.has(part));
}

function createEntityTagger(
  model: SubgraphModel,
  node: EntityNode | undefined,
): (entity: unknown, representation: JsonObject) => TagFinding {
  /** The types by which an entity that is asked for like this can come, or begin to exist. */
  const typesOf = (represented: string): readonly string[] => {
    const type = model.schema.getType(represented);
    const isEntityType = type !== undefined && 'getFields' in type && model.entities.has(represented);
    if (!isEntityType) return [];
    const names = runtimeTypes(model.schema, type as Parameters<typeof runtimeTypes>[1]).map(
      ({ name }) => name,
    );
    return names.includes(represented) ? names : [represented, ...names];
  };

  return (entity, representation) => {
    const finding: TagFinding = { tags: new Set([subgraphTag(model.name)]) };
    const represented = String(representation['__typename']);
    const object = isJsonObject(entity) ? entity : undefined;
    const told = object && node && firstOf(object, node.typenames);
    const names = typeof told === 'string' ? [told] : typesOf(represented);
    let isTagged = false;
    for (const name of names) {
      const type = model.entities.get(name);
      if (type === undefined) continue;
      const fields = node?.fields.get(name);
      const fieldOf = (field: string): unknown => {
        const answered = object && firstOf(object, fields?.get(field));
        return answered === undefined && Object.hasOwn(representation, field)
          ? representation[field]
          : answered;
      };
      isTagged = tagEntity(type, fieldOf, finding) || isTagged;
    }
    if (!isTagged) finding.fault = `a representation of ${represented} has no key that could be named`;
    if (object && node) {
      stripAdded(node, object);
      for (const [name, child] of node.children)
        collectEntityTags(model, child, getOwn(object, name), finding);
    }
    return finding;
  };
}
