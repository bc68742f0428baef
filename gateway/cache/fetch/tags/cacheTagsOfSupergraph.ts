import { isInterfaceType, isObjectType, type Supergraph } from '@apollo/federation-internals';

/** Under this name composition keeps a `@cacheTag`, whatever the subgraph imported it as. */
const CACHE_TAG = 'federation__cacheTag';

interface Applied {
  arguments(): Record<string, unknown>;
}

/**
 * The `@cacheTag` formats of each subgraph, by `Type` or `Type.field`. The schemas that are extracted per subgraph no
 * longer have them: composition keeps them in the supergraph alone, as `@join__directive`.
 */
export function readCacheTags(
  supergraph: Supergraph,
): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const nameOfGraph = new Map<string, string>();
  const bySubgraph = new Map<string, Map<string, string[]>>();
  for (const [name, graph] of supergraph.subgraphNameToGraphEnumValue()) {
    nameOfGraph.set(graph, name);
    bySubgraph.set(name, new Map());
  }

  const add = (coordinate: string, applied: readonly Applied[]): void => {
    for (const { name, graphs, args } of applied.map((directive) => directive.arguments())) {
      const format: unknown = (args as { format?: unknown } | undefined)?.format;
      if (name !== CACHE_TAG || typeof format !== 'string' || !Array.isArray(graphs)) continue;
      for (const graph of graphs as readonly string[]) {
        const formats = bySubgraph.get(nameOfGraph.get(graph) ?? '');
        const known = formats?.get(coordinate);
        if (known) known.push(format);
        else formats?.set(coordinate, [format]);
      }
    }
  };

  for (const type of supergraph.schema.types()) {
    if (!(isObjectType(type) || isInterfaceType(type))) continue;
    add(type.name, type.appliedDirectivesOf('join__directive'));
    for (const field of type.fields()) {
      add(`${type.name}.${field.name}`, field.appliedDirectivesOf('join__directive'));
    }
  }
  return bySubgraph;
}
