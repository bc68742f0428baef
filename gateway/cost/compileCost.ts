import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isCompositeType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { type Cost, type CostNode, estimateCost, measureCost, type Variables } from './costTree.js';
import type { Costs, ListSize } from './readCosts.js';

/** What one operation costs. */
export interface OperationCost {
  estimate(variables: Variables | null | undefined): Cost;
  measure(variables: Variables | null | undefined, data: Readonly<Record<string, unknown>>): Cost;
}

export interface CompileCostInput {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly schema: GraphQLSchema;
  readonly costs: Costs;
  readonly defaultListSize: number;
}

/** Of a mutation, besides its fields; as Apollo Router has it. */
const MUTATION_COST = 10;
/** Beyond it nobody needs to know by how much; limits of fields keep documents far below. */
const MAX_NODES = 50_000;
const BEYOND_ALL: Cost = { total: Number.POSITIVE_INFINITY, bySubgraph: new Map() };
const UNAFFORDABLE: OperationCost = { estimate: () => BEYOND_ALL, measure: () => BEYOND_ALL };

type Size = (variables: Variables) => number;

/**
 * Follows the cost specification that IBM published, with the weights of Apollo's `@cost`: an object costs 1, a scalar or
 * enum 0, unless `@cost` says otherwise; a list as many times as much as it has elements. Everything that does not depend
 * on variables is worked out here, once per document. Of fields with the same name in the response the dearest counts.
 */
export function compileCost(input: CompileCostInput): OperationCost {
  const { document, operationName, schema, costs, defaultListSize } = input;
  const operation = getOperationAST(document, operationName);
  const rootType = operation && schema.getRootType(operation.operation);
  if (!operation || !rootType) return UNAFFORDABLE;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  let nodes = 0;

  function compileSelections(
    set: SelectionSetNode,
    parent: GraphQLCompositeType,
    subgraph: string | undefined,
    sized: ReadonlyMap<string, Size>,
    conditions: readonly ((variables: Variables) => boolean)[],
  ): CostNode[] {
    const compiled: CostNode[] = [];
    for (const selection of set.selections) {
      nodes += 1;
      if (nodes > MAX_NODES) throw TOO_MANY;
      const all = [...conditions, ...conditionsOf(selection)];
      if (selection.kind === Kind.FIELD) {
        const node = compileField(selection, parent, subgraph, sized, all);
        if (node !== undefined) compiled.push(node);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
      const type = isCompositeType(condition) ? condition : parent;
      compiled.push(...compileSelections(fragment.selectionSet, type, subgraph, sized, all));
    }
    return merge(compiled);
  }

  function compileField(
    node: FieldNode,
    parent: GraphQLCompositeType,
    parentSubgraph: string | undefined,
    sized: ReadonlyMap<string, Size>,
    conditions: readonly ((variables: Variables) => boolean)[],
  ): CostNode | undefined {
    const field = 'getFields' in parent ? parent.getFields()[node.name.value] : undefined;
    if (field === undefined) return undefined;
    const element = `${parent.name}.${field.name}`;
    const type = getNamedType(field.type);
    const owners = costs.subgraphsOf(parent.name, field.name);
    // A field that several subgraphs have is most likely asked of the one that is asked anyway.
    const subgraph =
      parentSubgraph !== undefined && owners.includes(parentSubgraph) ? parentSubgraph : owners[0];
    const listSize = costs.listSizeOf(element);
    const slice = sliceOf(listSize, node, field);
    const ownSize: Size = (variables) => slice(variables) ?? listSize?.assumedSize ?? defaultListSize;
    const isSizedElsewhere = (listSize?.sizedFields.length ?? 0) > 0;
    const size: Size = sized.get(field.name) ?? (isSizedElsewhere ? () => defaultListSize : ownSize);
    const below = new Map((listSize?.sizedFields ?? []).map((name) => [name, ownSize]));
    const children =
      node.selectionSet && isCompositeType(type)
        ? compileSelections(node.selectionSet, type, subgraph, below, [])
        : [];
    const weight = costs.weightOf(element) ?? costs.weightOf(type.name) ?? (isCompositeType(type) ? 1 : 0);
    const argumentsCost = argumentsCostOf(node, field, element);
    if (weight === 0 && children.length === 0 && argumentsCost === undefined) return undefined;
    return {
      responseName: node.alias?.value ?? node.name.value,
      subgraph,
      weight,
      isSkipped: (variables) => conditions.some((isLeftOut) => isLeftOut(variables)),
      argumentsCost: argumentsCost ?? (() => 0),
      size: isList(field) ? size : () => 1,
      children,
    };
  }

  function argumentsCostOf(node: FieldNode, field: GraphQLField<unknown, unknown>, element: string) {
    const given = new Map((node.arguments ?? []).map(({ name, value }) => [name.value, value]));
    const parts: ((variables: Variables) => number)[] = [];
    for (const argument of field.args) {
      const value = given.get(argument.name);
      if (value === undefined) continue;
      const weight = costs.weightOf(`${element}.${argument.name}`) ?? 0;
      const takesObject = isInputObjectType(getNamedType(argument.type));
      if (weight === 0 && !takesObject) continue;
      parts.push(
        (variables) => weight + inputCost(argument, valueFromASTUntyped(value, variables), costs, 0),
      );
    }
    return parts.length === 0
      ? undefined
      : (variables: Variables) => parts.reduce((sum, part) => sum + part(variables), 0);
  }

  let roots: readonly CostNode[];
  try {
    roots = compileSelections(operation.selectionSet, rootType, undefined, new Map(), []);
  } catch (error) {
    if (error === TOO_MANY) return UNAFFORDABLE;
    throw error;
  }
  const base = operation.operation === OperationTypeNode.MUTATION ? MUTATION_COST : 0;
  const withDefaults = (variables: Variables | null | undefined) => ({ ...defaults, ...variables });
  return {
    estimate: (variables) => estimateCost(roots, base, withDefaults(variables)),
    measure: (variables, data) => measureCost(roots, base, withDefaults(variables), data),
  };
}

const TOO_MANY = new Error('more fields than a cost is worked out for');

function isList(field: GraphQLField<unknown, unknown>): boolean {
  return isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
}

/** What leaves a selection out: `@skip` that holds, `@include` that does not. */
function conditionsOf({ directives = [] }: SelectionNode): ((variables: Variables) => boolean)[] {
  return directives.flatMap(({ name, arguments: given }) => {
    const value = given?.find((argument) => argument.name.value === 'if')?.value;
    if (value === undefined || (name.value !== 'skip' && name.value !== 'include')) return [];
    const leavesOut = name.value === 'skip';
    return [(variables: Variables) => valueFromASTUntyped(value, variables) === leavesOut];
  });
}

/** The largest of the slicing arguments that are there, be it by their default. */
function sliceOf(
  listSize: ListSize | undefined,
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
): (variables: Variables) => number | undefined {
  const slices = (listSize?.slicingArguments ?? []).map((name) => {
    const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
    const fallback: unknown = field.args.find((argument) => argument.name === name)?.defaultValue;
    return (variables: Variables): unknown =>
      given === undefined ? fallback : (valueFromASTUntyped(given, variables) ?? fallback);
  });
  return (variables) => {
    // What a subgraph makes of a negative one nobody knows: it may be all there is, and must not make all below it free.
    const sizes = slices
      .map((slice) => slice(variables))
      .filter((size): size is number => typeof size === 'number' && size >= 0);
    return sizes.length === 0 ? undefined : Math.max(...sizes);
  };
}

/** Input objects inside of each other are as deep as their limit allows. */
const MAX_INPUT_DEPTH = 50;

function inputCost(
  input: GraphQLArgument | GraphQLInputField,
  value: unknown,
  costs: Costs,
  depth: number,
): number {
  const type = getNamedType(input.type);
  if (!isInputObjectType(type) || depth > MAX_INPUT_DEPTH || typeof value !== 'object' || value === null)
    return 0;
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, one) => sum + inputCost(input, one, costs, depth + 1), 0);
  }
  let cost = costs.weightOf(type.name) ?? 0;
  for (const [name, field] of Object.entries(type.getFields())) {
    if (!Object.hasOwn(value, name)) continue;
    cost += costs.weightOf(`${type.name}.${name}`) ?? 0;
    cost += inputCost(field, (value as Record<string, unknown>)[name], costs, depth + 1);
  }
  return cost;
}

/** One place of the response is one value, however often and through whichever type it is asked for. */
function merge(nodes: readonly CostNode[]): CostNode[] {
  const byName = new Map<string, CostNode>();
  for (const node of nodes) {
    const known = byName.get(node.responseName);
    byName.set(node.responseName, known === undefined ? node : mergeTwo(known, node));
  }
  return [...byName.values()];
}

function mergeTwo(one: CostNode, other: CostNode): CostNode {
  return {
    ...one,
    weight: Math.max(one.weight, other.weight),
    isSkipped: (variables) => one.isSkipped(variables) && other.isSkipped(variables),
    argumentsCost: (variables) => Math.max(one.argumentsCost(variables), other.argumentsCost(variables)),
    size: (variables) => Math.max(one.size(variables), other.size(variables)),
    children: merge([...one.children, ...other.children]),
  };
}
