import { getOwn, isJsonObject, type JsonObject } from '../../../execution/json.js';
import { typeTag } from '../../invalidation.js';
import { renderCacheTag } from './cacheTagFormat.js';
import type { EntityNode } from './entityNode.js';
import type { EntityType, SubgraphModel } from './subgraphModel.js';
import { entityTag, isTagValue, type TagValue } from './tagText.js';

/** Tags found so far, and why they are not all that there should be. */
export interface TagFinding {
  readonly tags: Set<string>;
  /** Set when something in the answer could not be identified: then nothing would purge it. */
  fault?: string;
  /** Entities that are tagged already, by their only field that matters: an answer repeats few entities many times. */
  tagged?: Map<EntityType, Set<unknown>>;
}

/**
 * Walks what a subgraph answered, only where entities can be: finds their tags, and takes out what was added to the
 * selection (as `undefined`, which counts as absent in the result tree and in JSON).
 */
export function collectEntityTags(
  model: SubgraphModel,
  node: EntityNode,
  value: unknown,
  finding: TagFinding,
): void {
  if (Array.isArray(value)) {
    for (const element of value) collectEntityTags(model, node, element, finding);
    return;
  }
  if (!isJsonObject(value)) return;
  if (node.typenames.size > 0) tagObject(model, node, value, finding);
  stripAdded(node, value);
  for (const [name, child] of node.children) {
    collectEntityTags(model, child, getOwn(value, name), finding);
  }
}

export function stripAdded(node: EntityNode, object: JsonObject): void {
  for (const name of node.added) {
    // Not deleted: that would turn the object into a slow dictionary.
    if (object[name] !== undefined) object[name] = undefined;
  }
}

function tagObject(model: SubgraphModel, node: EntityNode, object: JsonObject, finding: TagFinding): void {
  const typename = firstOf(object, node.typenames);
  if (typeof typename !== 'string') {
    finding.fault ??= 'an object came without the name of its type';
    return;
  }
  const entity = model.entities.get(typename);
  if (entity === undefined) return;
  const names = node.fields.get(typename);
  if (entity.onlyField !== undefined) {
    const value = firstOf(object, names?.get(entity.onlyField));
    if (typeof value === 'string' && wasTagged(finding, entity, value)) return;
  }
  const isTagged = tagEntity(entity, (field) => firstOf(object, names?.get(field)), finding);
  if (!isTagged) finding.fault ??= `a ${typename} came without the fields of its key`;
}

/** Notes it as well: whoever is told that it was not tagged does it now. */
function wasTagged(finding: TagFinding, entity: EntityType, value: string): boolean {
  finding.tagged ??= new Map();
  const values = finding.tagged.get(entity);
  if (values?.has(value)) return true;
  if (values === undefined) finding.tagged.set(entity, new Set([value]));
  else values.add(value);
  return false;
}

/** The value under the first of the names that the object has. */
export function firstOf(object: JsonObject, names: ReadonlySet<string> | undefined): unknown {
  if (names === undefined) return undefined;
  for (const name of names) {
    const value = getOwn(object, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * Adds the tags of one entity.
 *
 * @param fieldOf reads a field on the first level; `undefined` when it is not there, which is not `null`
 * @returns false when the type has keys, but none of them was there
 */
export function tagEntity(
  entity: EntityType,
  fieldOf: (field: string) => unknown,
  { tags }: TagFinding,
): boolean {
  const valueAt = (path: readonly string[]): unknown => {
    const [field = '', ...below] = path;
    let value = fieldOf(field);
    for (const name of below) {
      // A null above is a null below; what is missing stays missing.
      if (!isJsonObject(value)) return value === null ? null : undefined;
      value = getOwn(value, name);
    }
    return value;
  };
  tags.add(typeTag(entity.name));
  let isKnown = entity.keys.length === 0;
  for (const key of entity.keys) {
    const pairs: [string, TagValue][] = [];
    let isThere = true;
    for (const { name, path } of key) {
      const value = valueAt(path);
      if (value === undefined) isThere = false;
      if (isTagValue(value)) pairs.push([name, value]);
    }
    isKnown ||= isThere;
    if (pairs.length === key.length) tags.add(entityTag(entity.name, pairs));
  }
  for (const format of entity.formats) {
    const tag = renderCacheTag(format, valueAt);
    if (tag !== undefined) tags.add(tag);
  }
  return isKnown;
}
