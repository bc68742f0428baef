import type { Schema } from '@apollo/federation-internals';
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  Kind,
  valueFromASTUntyped,
} from 'graphql';

/** `@listSize` of the cost specification. */
export interface ListSize {
  readonly assumedSize: number | undefined;
  /** Arguments that say how many elements there will be. */
  readonly slicingArguments: readonly string[];
  /** Fields of the returned object that are the lists that are meant. */
  readonly sizedFields: readonly string[];
}

/** What a supergraph says of costs. Elements are `Type`, `Type.field`, `Type.field.argument`. */
export interface Costs {
  weightOf(element: string): number | undefined;
  listSizeOf(field: string): ListSize | undefined;
  /** Names of the subgraphs that have a field, or else of those that have its type. */
  subgraphsOf(type: string, field: string): readonly string[];
}

/** Reads `@cost` and `@listSize` (https://specs.apollo.dev/cost/v0.1) from a supergraph, under whatever names it has them. */
export function readCosts(supergraph: Schema, document: DocumentNode): Costs {
  const feature = supergraph.coreFeatures?.getByIdentity('https://specs.apollo.dev/cost');
  const costName = feature?.directiveNameInSchema('cost');
  const listSizeName = feature?.directiveNameInSchema('listSize');
  const graphs = graphNames(document);
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();
  const subgraphs = new Map<string, string[]>();

  function note(element: string, directives: readonly ConstDirectiveNode[] = []): void {
    const owners: string[] = [];
    for (const directive of directives) {
      const values = argumentsOf(directive);
      const name = directive.name.value;
      if (name === costName && typeof values['weight'] === 'number') weights.set(element, values['weight']);
      if (name === listSizeName) listSizes.set(element, asListSize(values));
      if (name !== 'join__field' && name !== 'join__type') continue;
      const owner = graphs.get(String(values['graph']));
      if (owner !== undefined && values['external'] !== true) owners.push(owner);
    }
    if (owners.length > 0) subgraphs.set(element, owners);
  }

  for (const definition of document.definitions) {
    if (!('name' in definition) || !definition.name || !/Type(Definition|Extension)$/.test(definition.kind))
      continue;
    const type = definition.name.value;
    note(type, directivesOf(definition));
    for (const field of 'fields' in definition ? (definition.fields ?? []) : []) {
      const element = `${type}.${field.name.value}`;
      note(element, field.directives);
      for (const argument of 'arguments' in field ? (field.arguments ?? []) : []) {
        note(`${element}.${argument.name.value}`, argument.directives);
      }
    }
  }
  return {
    weightOf: (element) => weights.get(element),
    listSizeOf: (field) => listSizes.get(field),
    subgraphsOf: (type, field) => subgraphs.get(`${type}.${field}`) ?? subgraphs.get(type) ?? [],
  };
}

function directivesOf(definition: DefinitionNode): readonly ConstDirectiveNode[] {
  return 'directives' in definition ? ((definition.directives ?? []) as readonly ConstDirectiveNode[]) : [];
}

/** The values of `join__Graph` to the names that they stand for. */
function graphNames(document: DocumentNode): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const { name, directives } of definition.values ?? []) {
      const graph = directives?.find((directive) => directive.name.value === 'join__graph');
      names.set(name.value, String(graph && argumentsOf(graph)['name']));
    }
  }
  return names;
}

function argumentsOf(directive: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
  );
}

function asListSize({ assumedSize, slicingArguments, sizedFields }: Record<string, unknown>): ListSize {
  return {
    assumedSize: typeof assumedSize === 'number' ? assumedSize : undefined,
    slicingArguments: asTexts(slicingArguments),
    sizedFields: asTexts(sizedFields),
  };
}

function asTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
