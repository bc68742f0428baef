import {
  type ConstValueNode,
  getNamedType,
  isInputObjectType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import { getOwn, isJsonObject, type JsonObject } from '../../../execution/json.js';
import type { MetField } from './augmentDocument.js';
import { type CacheTagFormat, renderCacheTag } from './cacheTagFormat.js';

export type Variables = Readonly<Record<string, unknown>>;

/** A field with `@cacheTag`s, and its arguments as this operation writes them. */
export interface TaggedField {
  /** See `MetField`. */
  readonly rootName: string | undefined;
  readonly formats: readonly CacheTagFormat[];
  argument(path: readonly string[], variables: Variables): unknown;
}

export function createTaggedField(
  { node, definition, rootName }: MetField,
  formats: readonly CacheTagFormat[],
  operation: OperationDefinitionNode,
): TaggedField {
  const defaults = new Map<string, ConstValueNode>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue !== undefined) defaults.set(variable.name.value, defaultValue);
  }
  return {
    rootName,
    formats,
    argument([name = '', ...below], variables) {
      const argument = definition.args.find((candidate) => candidate.name === name);
      const written = node.arguments?.find((candidate) => candidate.name.value === name)?.value;
      let value = written && inputValue(written, variables, defaults);
      if (value === undefined) value = argument?.defaultValue;
      let type = argument && getNamedType(argument.type);
      for (const key of below) {
        const field = isInputObjectType(type) ? type.getFields()[key] : undefined;
        value = isJsonObject(value) ? ownOrDefault(value, key, field?.defaultValue) : undefined;
        type = field && getNamedType(field.type);
      }
      return value;
    },
  };
}

function ownOrDefault(object: JsonObject, key: string, otherwise: unknown): unknown {
  const value = getOwn(object, key);
  return value === undefined ? otherwise : value;
}

/** Adds the tags of a field; whether one of them names its arguments. */
export function addArgumentTags(field: TaggedField, variables: Variables, tags: Set<string>): boolean {
  let isNamed = false;
  for (const format of field.formats) {
    let isComplete = true;
    const tag = renderCacheTag(format, (path) => {
      const value = field.argument(path, variables);
      if (value !== null && value !== undefined) return value;
      // Null is a value too: `products:category=` names the list over all categories, and no other. Yet it names no one
      // thing whose coming would be told.
      isComplete = false;
      return '';
    });
    if (tag === undefined) continue;
    tags.add(tag);
    isNamed ||= format.isSpecific && isComplete;
  }
  return isNamed;
}

/** Like graphql-js' `valueFromASTUntyped`, but integers keep all their digits, as an `ID` may have many. */
function inputValue(
  node: ValueNode,
  variables: Variables,
  defaults: ReadonlyMap<string, ConstValueNode>,
): unknown {
  switch (node.kind) {
    case Kind.VARIABLE: {
      const name = node.name.value;
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      const fallback = defaults.get(name);
      return value === undefined && fallback ? inputValue(fallback, variables, defaults) : value;
    }
    case Kind.NULL:
      return null;
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map((value) => inputValue(value, variables, defaults));
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, inputValue(value, variables, defaults)]),
      );
    default:
      return node.value;
  }
}
