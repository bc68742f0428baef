import { createHash } from 'node:crypto';
import {
  defaultPrintOptions,
  isInterfaceType,
  isObjectType,
  orderPrintedDefinitions,
  printSchema,
  type Subgraph,
  type Supergraph,
} from '@apollo/federation-internals';
import type { GraphQLSchema } from 'graphql';
import { type CacheTagFormat, parseCacheTagFormat } from './cacheTagFormat.js';
import { readCacheTags } from './cacheTagsOfSupergraph.js';
import { type KeyPath, type KeyTree, keyTree, parseKey } from './keyFields.js';

/** A type that has a `@key` in some subgraph, as one subgraph can identify it. */
export interface EntityType {
  readonly name: string;
  /** The keys that this subgraph can answer; empty when it knows the type, but none of its keys. */
  readonly keys: readonly (readonly KeyPath[])[];
  readonly formats: readonly CacheTagFormat[];
  /** The field that alone decides about all of its tags, where there is one. */
  readonly onlyField: string | undefined;
  /** All that `keys` and `formats` need. */
  readonly fields: KeyTree;
  /** Which of them every representation that this subgraph is sent contains. */
  readonly represented: ReadonlySet<string>;
}

/** What has to be known of a subgraph to tag what it answers. */
export interface SubgraphModel {
  readonly name: string;
  readonly schema: GraphQLSchema;
  /** Changes when this subgraph's schema or its tags do, not when another one's do. */
  readonly fingerprint: string;
  /** Object types by name; interfaces with a `@key` too, since a representation can bear their name. */
  readonly entities: ReadonlyMap<string, EntityType>;
  /** By `Type.field`. */
  readonly fieldFormats: ReadonlyMap<string, readonly CacheTagFormat[]>;
}

/** One model per subgraph of a supergraph, by name. */
export function createSubgraphModels(supergraph: Supergraph): ReadonlyMap<string, SubgraphModel> {
  const subgraphs = [...supergraph.subgraphs().values()];
  const keysByType = new Map<string, Set<string>>();
  for (const subgraph of subgraphs) {
    for (const type of subgraph.schema.types()) {
      for (const fields of ownKeys(subgraph, type.name)) {
        const known = keysByType.get(type.name);
        if (known) known.add(fields);
        else keysByType.set(type.name, new Set([fields]));
      }
    }
  }
  const cacheTags = readCacheTags(supergraph);
  return new Map(
    subgraphs.map((subgraph) => {
      const formats = cacheTags.get(subgraph.name) ?? new Map<string, readonly string[]>();
      return [subgraph.name, createModel(subgraph, keysByType, formats)];
    }),
  );
}

function createModel(
  subgraph: Subgraph,
  keysByType: ReadonlyMap<string, ReadonlySet<string>>,
  formats: ReadonlyMap<string, readonly string[]>,
): SubgraphModel {
  const entities = new Map<string, EntityType>();
  for (const [name, keys] of keysByType) {
    if (subgraph.schema.type(name) === undefined) continue;
    entities.set(name, createEntityType(subgraph, name, [...keys].sort(), formats.get(name) ?? []));
  }
  const fieldFormats = new Map<string, readonly CacheTagFormat[]>();
  for (const [coordinate, texts] of formats) {
    if (coordinate.includes('.')) fieldFormats.set(coordinate, texts.map(parseCacheTagFormat));
  }
  const described = [
    printSchema(subgraph.schema, orderPrintedDefinitions(defaultPrintOptions)),
    [...entities.values()].map(({ name, keys }) => [name, keys]).sort(byText),
    [...formats].sort(byText),
  ];
  return {
    name: subgraph.name,
    schema: subgraph.schema.toGraphQLJSSchema(),
    fingerprint: createHash('sha256').update(JSON.stringify(described)).digest('base64url'),
    entities,
    fieldFormats,
  };
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function createEntityType(
  subgraph: Subgraph,
  name: string,
  fieldSets: readonly string[],
  formatTexts: readonly string[],
): EntityType {
  const keys = fieldSets.flatMap((fields) => {
    const key = parseKey(fields);
    return key?.every(({ path }) => canAnswer(subgraph, name, path)) ? [key] : [];
  });
  const formats = formatTexts.map(parseCacheTagFormat);
  const formatPaths = formats.flatMap(({ parts }) => parts.filter((part) => typeof part !== 'string'));
  const own = new Set(ownKeys(subgraph, name));
  const [onlyKey] = own;
  // With several keys nobody knows in advance which of them a representation will bring.
  const represented = own.size === 1 && onlyKey !== undefined ? (parseKey(onlyKey) ?? []) : [];
  const paths = [...keys.flat().map(({ path }) => path), ...formatPaths];
  const [[onlyField, ...below] = []] = paths;
  return {
    name,
    keys,
    formats,
    onlyField: paths.length === 1 && below.length === 0 ? onlyField : undefined,
    fields: keyTree([
      ...keys.flat().map(({ path }) => path),
      ...formatPaths.filter((path) => canAnswer(subgraph, name, path)),
    ]),
    represented: new Set(represented.flatMap(({ path: [field] }) => (field === undefined ? [] : [field]))),
  };
}

/** The field sets of the type's `@key`s in one subgraph. */
function ownKeys(subgraph: Subgraph, typename: string): string[] {
  const type = subgraph.schema.type(typename);
  if (type === undefined || !(isObjectType(type) || isInterfaceType(type))) return [];
  const directive = subgraph.metadata().keyDirective();
  return type.appliedDirectivesOf(directive).map((applied) => String(applied.arguments().fields));
}

/** Whether the subgraph itself can answer the field, so that asking for it is no risk. */
function canAnswer(subgraph: Subgraph, typename: string, path: readonly string[]): boolean {
  let type = subgraph.schema.type(typename);
  for (const name of path) {
    if (type === undefined || !(isObjectType(type) || isInterfaceType(type))) return false;
    const field = type.field(name);
    if (field === undefined || subgraph.metadata().isFieldExternal(field)) return false;
    const named = field.type && 'baseType' in field.type ? field.type.baseType() : field.type;
    type = named === undefined ? undefined : subgraph.schema.type(named.name);
  }
  return true;
}
