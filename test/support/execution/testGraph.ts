import { composeServices } from '@apollo/composition';
import {
  DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  operationFromDocument,
  Supergraph,
} from '@apollo/federation-internals';
import { buildOperationContext, executeQueryPlan } from '@apollo/gateway';
import { QueryPlanner, type QueryPlannerConfig } from '@apollo/query-planner';
import { type DocumentNode, execute, type GraphQLSchema, isInterfaceType, parse } from 'graphql';
import { coerceVariables } from '../../../gateway/execution/coerceVariables.js';
import { compilePlan } from '../../../gateway/execution/compilePlan.js';
import { executePlan } from '../../../gateway/execution/executePlan.js';
import { executePlanToJson } from '../../../gateway/execution/executePlanToJson.js';
import { prepareDocument } from '../../../gateway/execution/prepare/prepareDocument.js';
import { collectReservedNames } from '../../../gateway/execution/prepare/reservedNames.js';
import type {
  CompiledPlan,
  FetchSubgraph,
  SubgraphRequest,
  SubgraphResponse,
} from '../../../gateway/execution/types.js';
import { liftLiterals } from '../../../gateway/planning/liftLiterals.js';
import {
  createSyntheticFieldResolver,
  createSyntheticSubgraph,
  type Faults,
  noFaults,
} from './syntheticSubgraph.js';
import { createSyntheticWorld, type SyntheticObject } from './syntheticWorld.js';

/** Subgraphs by name, as SDL. */
export type SubgraphSdls = Readonly<Record<string, string>>;

export interface PlainError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** A result as it would go over the wire. */
export interface PlainResult {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly PlainError[];
  readonly extensions?: { readonly valueCompletion?: readonly PlainError[] };
}

export interface PlannedOperation {
  readonly text: string;
  readonly document: DocumentNode;
  /** From the very plan that Apollo's executor runs. */
  readonly compiled: CompiledPlan;
  /** From the plan of the prepared document, without literals: what a gateway would run. */
  readonly corrected: CompiledPlan;
  readonly variables: Record<string, unknown>;
  readonly queryPlan: ReturnType<QueryPlanner['buildQueryPlan']>;
}

export interface Conditions {
  readonly seed: string;
  readonly faults: Faults;
}

/** A composed graph that runs one operation in three ways: by us, by Apollo's executor, and without federation. */
export interface TestGraph {
  readonly apiSchema: GraphQLSchema;
  readonly supergraph: Supergraph;
  readonly subgraphNames: readonly string[];
  plan(text: string, variables: Record<string, unknown>): PlannedOperation;
  ours(
    plan: CompiledPlan,
    variables: Record<string, unknown>,
    conditions: Conditions,
    seen?: SubgraphRequest[],
  ): Promise<PlainResult>;
  /** How the subgraphs answer under these conditions. */
  fetchUnder(conditions: Conditions): FetchSubgraph<unknown>;
  apollos(operation: PlannedOperation, conditions: Conditions): Promise<PlainResult>;
  monolith(operation: PlannedOperation, seed: string): Promise<PlainResult>;
}

const supportedFeatures = new Set([
  ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  'https://specs.apollo.dev/context/v0.1',
]);

function plain(result: unknown): PlainResult {
  return JSON.parse(JSON.stringify(result)) as PlainResult;
}

/** Apollo's executor puts thrown errors into the result as they are, and theirs have no JSON. */
function withMessage(error: Error): object {
  return { message: error.message, ...(error as object) };
}

/**
 * Deviation "interface object's name": Apollo's executor lets `__typename: "Media"` of a subgraph that has `Media` as
 * an `@interfaceObject` overwrite the concrete type that it knows, after which no fragment on the type applies. The
 * oracle is to be right, so it does not get to see that name where the entity was asked for by its type.
 */
function keepConcreteTypes(response: SubgraphResponse, interfaces: ReadonlySet<string>): SubgraphResponse {
  const entities = response.data?.['_entities'];
  for (const entity of Array.isArray(entities) ? (entities as (Record<string, unknown> | null)[]) : []) {
    const typename = entity?.['__typename'];
    if (typeof typename === 'string' && interfaces.has(typename)) {
      delete entity?.['__typename'];
    }
  }
  return response;
}

export function createTestGraph(sdls: SubgraphSdls, plannerConfig: QueryPlannerConfig = {}): TestGraph {
  const services = Object.entries(sdls).map(([name, text]) => ({
    name,
    typeDefs: parse(text),
    url: `http://${name}`,
  }));
  const composed = composeServices(services);
  if (composed.errors !== undefined) {
    throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  }
  const supergraph = Supergraph.build(composed.supergraphSdl, { supportedFeatures });
  const planner = new QueryPlanner(supergraph, plannerConfig);
  const federationApi = supergraph.apiSchema();
  const apiSchema = federationApi.toGraphQLJSSchema();
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  const world = createSyntheticWorld(Object.values(sdls), supergraphSchema);
  const subgraphs = new Map(
    Object.entries(sdls).map(([name, text]) => [name, createSyntheticSubgraph(name, text, world)]),
  );
  const interfaces = new Set(
    Object.values(supergraphSchema.getTypeMap()).flatMap((type) =>
      isInterfaceType(type) ? [type.name] : [],
    ),
  );
  const subgraph = (name: string) => {
    const found = subgraphs.get(name);
    if (found === undefined) {
      throw new Error(`no subgraph ${name}`);
    }
    return found;
  };
  const reserved = collectReservedNames(composed.supergraphSdl);
  const fieldResolver = createSyntheticFieldResolver(world);

  const fetchUnder =
    ({ seed, faults }: Conditions): FetchSubgraph<unknown> =>
    (request) =>
      subgraph(request.subgraph)({ query: request.query, variables: request.variables, seed, faults });

  return {
    apiSchema,
    supergraph,
    fetchUnder,
    subgraphNames: [...subgraphs.keys()],
    plan(text, variables) {
      const document = parse(text);
      const queryPlan = planner.buildQueryPlan(operationFromDocument(federationApi, document));
      const compiled = compilePlan({ plan: queryPlan, document, supergraphSchema, apiSchema });
      const lifted = liftLiterals(document, apiSchema);
      const prepared = prepareDocument(lifted?.document ?? document, reserved);
      const corrected =
        prepared.document === document
          ? compiled
          : compilePlan({
              ...prepared,
              plan: planner.buildQueryPlan(operationFromDocument(federationApi, prepared.document)),
              supergraphSchema,
              apiSchema,
            });
      const coerced = coerceVariables(compiled, variables);
      if (coerced.errors !== undefined) {
        throw new Error(`${coerced.errors.map(({ message }) => message).join('\n')}\n${text}`);
      }
      // What an operation does not declare, whoever runs it does not look at.
      const values = { ...coerced.variables, ...lifted?.literals };
      return { text, document, compiled, corrected, variables: values, queryPlan };
    },
    async ours(plan, variables, conditions, seen) {
      const { seed, faults } = conditions;
      // Which requests fail is drawn by their texts: one that is sent for two fetches fails otherwise than two would.
      const fetchesApart = faults.failedRequests > 0;
      const answer = fetchUnder(conditions);
      const fetch: FetchSubgraph<undefined> = (request, context) => {
        seen?.push(request);
        return answer(request, context);
      };
      const result = plain(await executePlan(plan, { variables, context: undefined, fetch, fetchesApart }));
      if (seed.endsWith('0')) {
        const { body } = await executePlanToJson(plan, {
          variables,
          context: undefined,
          fetch,
          fetchesApart,
        });
        if (
          body !== JSON.stringify({ errors: result.errors, data: result.data, extensions: result.extensions })
        ) {
          throw new Error(`written and shaped results differ:\n${body}\n${JSON.stringify(result)}`);
        }
      }
      return result;
    },
    async apollos({ document, queryPlan, variables }, { seed, faults }) {
      const serviceMap = Object.fromEntries(
        [...subgraphs].map(([name, answer]) => [
          name,
          {
            process: async ({
              request,
            }: {
              request: { query?: string; variables?: Record<string, unknown> };
            }) =>
              keepConcreteTypes(
                await answer({ query: request.query ?? '', variables: request.variables, seed, faults }),
                interfaces,
              ),
          },
        ]),
      );
      const requestContext = { request: { variables }, metrics: {}, context: {}, logger: undefined };
      const operationContext = buildOperationContext({ schema: apiSchema, operationDocument: document });
      const run = executeQueryPlan as unknown as (...args: unknown[]) => Promise<unknown>;
      const result = (await run(
        queryPlan,
        serviceMap,
        requestContext,
        operationContext,
        supergraphSchema,
        federationApi,
        undefined,
      )) as { errors?: readonly Error[] };
      return plain({ ...result, ...(result.errors && { errors: result.errors.map(withMessage) }) });
    },
    async monolith({ document, variables }, seed) {
      const result = await execute({
        schema: apiSchema,
        document,
        variableValues: variables,
        contextValue: {
          place: { seed, schema: apiSchema, onlyAccessible: true },
          faults: noFaults,
          subgraph: '',
        },
        fieldResolver,
        typeResolver: (value) => (value as SyntheticObject).__typename,
      });
      return plain(result);
    },
  };
}
