import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { getOwn, type JsonObject, setOwn } from '../json.js';
import type { TypeConditions } from '../typeConditions.js';

export interface RepresentationBuilder {
  /**
   * Equal (as keys of a `Map`) for two entities of the same `__typename` exactly if their representations are equal.
   * `undefined` when the entity lacks what the subgraph needs to know it by, so that it cannot be asked for.
   */
  key(entity: JsonObject): unknown;
  /** The representation of an entity that has a key: a new object. */
  build(entity: JsonObject): JsonObject;
}

type Field = { readonly name: string; readonly selections: readonly QueryPlanSelectionNode[] | undefined };

/** Fields that make sense only together: a key of which a part is missing is no key. */
type Group = readonly Field[];

interface Selection {
  readonly groups: readonly Group[];
  readonly flat: boolean;
  /** The usual case: the type's name and one field. Its value is the key, and no text has to be built. */
  readonly onlyKey: string | undefined;
}

/** Primitives are their own keys. An object's text is marked, and so is a text that begins like the mark. */
function mapKey(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    return `\u0000o${JSON.stringify(value)}`;
  }
  return typeof value === 'string' && value.charCodeAt(0) === 0 ? `\u0000s${value}` : value;
}

function selectionOf(groups: readonly Group[]): Selection {
  const flat = groups.every((group) => group.every((field) => field.selections === undefined));
  const [group = [], ...others] = groups;
  const keys = group.filter(({ name }) => name !== '__typename');
  const isSimple = flat && others.length === 0 && group.length === 2 && keys.length === 1;
  return { groups, flat, onlyKey: isSimple ? keys[0]?.name : undefined };
}

function responseName(field: { alias?: string; name: string }): string {
  return field.alias ?? field.name;
}

function groupsOf(
  selections: readonly QueryPlanSelectionNode[],
  typename: string | undefined,
  conditions: TypeConditions,
): Group[] {
  const own: Field[] = [];
  const groups: Group[] = [own];
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      own.push({ name: responseName(selection), selections: selection.selections });
    } else if (
      selection.typeCondition === undefined ||
      (typename !== undefined && conditions.matches(typename, selection.typeCondition))
    ) {
      groups.push(...groupsOf(selection.selections, typename, conditions));
    }
  }
  return groups.filter((group) => group.length > 0);
}

function typenameOf(object: JsonObject): string | undefined {
  const typename = object['__typename'];
  return typeof typename === 'string' ? typename : undefined;
}

function keyOfLeaf(value: unknown): string {
  if (typeof value === 'string') {
    return `${value.length}:${value}`;
  }
  if (typeof value === 'object' && value !== null) {
    const text = JSON.stringify(value);
    return `o${text.length}:${text}`;
  }
  // Numbers, booleans and null end at the comma; none of them starts with a digit followed by a colon.
  return `=${String(value)},`;
}

/** Compiles the `requires` of a fetch. What it selects per runtime type is worked out once per type. */
export function compileRepresentations(
  requires: readonly QueryPlanSelectionNode[],
  conditions: TypeConditions,
): RepresentationBuilder {
  const selectionByTypename = new Map<string, Selection>();

  const selectionFor = (typename: string): Selection => {
    let known = selectionByTypename.get(typename);
    if (known === undefined) {
      known = selectionOf(groupsOf(requires, typename, conditions));
      selectionByTypename.set(typename, known);
    }
    return known;
  };

  const select = (value: unknown, selections: readonly QueryPlanSelectionNode[]): unknown => {
    if (Array.isArray(value)) {
      return value.map((element) => select(element, selections));
    }
    if (typeof value !== 'object' || value === null) {
      return null;
    }
    const object = value as JsonObject;
    const result: JsonObject = {};
    const [own, ...conditional] = splitOwn(selections, typenameOf(object), conditions);
    if (!copyGroup(object, own, result)) {
      return null;
    }
    for (const group of conditional) {
      addGroup(object, group, result);
    }
    return result;
  };

  const copyGroup = (object: JsonObject, group: Group, result: JsonObject): boolean => {
    for (const { name, selections } of group) {
      const value = getOwn(object, name);
      if (value === undefined) {
        return false;
      }
      setOwn(result, name, selections === undefined ? value : select(value, selections));
    }
    return true;
  };

  /** Adds all fields of the group or none. */
  const addGroup = (object: JsonObject, group: Group, result: JsonObject): void => {
    const part: JsonObject = {};
    if (copyGroup(object, group, part)) {
      mergeRepresentation(result, part);
    }
  };

  const build = (entity: JsonObject): JsonObject => {
    const result: JsonObject = {};
    for (const group of selectionFor(typenameOf(entity) ?? '').groups) {
      addGroup(entity, group, result);
    }
    return result;
  };

  return {
    build,
    key(entity) {
      const typename = typenameOf(entity);
      if (typename === undefined) {
        return undefined;
      }
      const { groups, flat, onlyKey } = selectionFor(typename);
      if (onlyKey !== undefined) {
        const value = getOwn(entity, onlyKey);
        return mapKey(value);
      }
      if (!flat) {
        const representation = build(entity);
        return representation['__typename'] === undefined ? undefined : JSON.stringify(representation);
      }
      return flatKey(entity, groups);
    },
  };
}

function flatKey(entity: JsonObject, groups: readonly Group[]): string | undefined {
  let key = '';
  let named = false;
  for (const group of groups) {
    let part = '';
    let names = false;
    for (const { name } of group) {
      const value = getOwn(entity, name);
      if (value === undefined) {
        part = '-';
        names = false;
        break;
      }
      names ||= name === '__typename';
      part += keyOfLeaf(value);
    }
    key += part;
    named ||= names;
  }
  return named ? key : undefined;
}

/** The fields selected without a condition come first: if one is missing, the whole object is. */
function splitOwn(
  selections: readonly QueryPlanSelectionNode[],
  typename: string | undefined,
  conditions: TypeConditions,
): [Group, ...Group[]] {
  const own = selections.flatMap((selection) =>
    selection.kind === 'Field' ? [{ name: responseName(selection), selections: selection.selections }] : [],
  );
  const conditional = groupsOf(
    selections.filter((selection) => selection.kind === 'InlineFragment'),
    typename,
    conditions,
  );
  return [own, ...conditional];
}

function mergeRepresentation(target: JsonObject, source: JsonObject): void {
  for (const [key, value] of Object.entries(source)) {
    const existing = getOwn(target, key);
    setOwn(target, key, mergedValue(existing, value));
  }
}

function mergedValue(existing: unknown, incoming: unknown): unknown {
  if (Array.isArray(existing) && Array.isArray(incoming) && existing.length === incoming.length) {
    return existing.map((element, index) => mergedValue(element, incoming[index]));
  }
  const bothObjects =
    typeof existing === 'object' &&
    existing !== null &&
    typeof incoming === 'object' &&
    incoming !== null &&
    !Array.isArray(existing) &&
    !Array.isArray(incoming);
  if (bothObjects) {
    const merged = { ...(existing as JsonObject) };
    mergeRepresentation(merged, incoming as JsonObject);
    return merged;
  }
  return incoming;
}
