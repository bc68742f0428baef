import { getOwn, type JsonObject } from '../json.js';
import type { Group } from './requiredFields.js';

/** What a `requires` selects of one runtime type. */
export interface Selection {
  readonly groups: readonly Group[];
  readonly flat: boolean;
  /** The usual case: the type's name and one field. Its value is the key, and no text has to be built. */
  readonly onlyKey: string | undefined;
}

/** Primitives are their own keys. An object's text is marked, and so is a text that begins like the mark. */
export function mapKey(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    return `\u0000o${JSON.stringify(value)}`;
  }
  return typeof value === 'string' && value.charCodeAt(0) === 0 ? `\u0000s${value}` : value;
}

export function selectionOf(groups: readonly Group[]): Selection {
  const flat = groups.every((group) => group.every((field) => field.selections === undefined));
  const [group = [], ...others] = groups;
  const keys = group.filter(({ name }) => name !== '__typename');
  const isSimple = flat && others.length === 0 && group.length === 2 && keys.length === 1;
  return { groups, flat, onlyKey: isSimple ? keys[0]?.name : undefined };
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

/** Text for groups of leaves, built so that other values give another text; `undefined` without a type name. */
export function flatKey(entity: JsonObject, groups: readonly Group[]): string | undefined {
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
