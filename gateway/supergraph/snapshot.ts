import { createHash } from 'node:crypto';
import {
  DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  operationFromDocument,
  Supergraph,
} from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { assertValidSchema, type DocumentNode, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { CodedError } from '../../platform/errors.js';
import type { Authority } from '../authorization/authority.js';
import { createAuthorizer, type Outcome } from '../authorization/createAuthorizer.js';
import { AUTHORIZATION_FEATURES, readRequirements } from '../authorization/readRequirements.js';
import { createFetchTagger, type FetchTagger } from '../cache/fetch/tags/fetchTagger.js';
import { type CompiledPlan, compilePlan } from '../execution/compilePlan.js';
import { prepareDocument } from '../execution/prepare/prepareDocument.js';
import { collectReservedNames } from '../execution/prepare/reservedNames.js';
import type { PlanOutcome } from '../metrics/operationMetrics.js';
import { withLiveDirective, withoutLive } from '../streaming/live/liveDirective.js';
import { createProgressiveOverrides, type OverrideChoice } from './progressiveOverrides.js';

/**
 * Features that a supergraph may ask an executor to honour, all of which are honoured here. One with another feature, or
 * another version of one, is refused: what it asks to be protected is never served open.
 */
const SUPPORTED_FEATURES = new Set([
  ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  'https://specs.apollo.dev/context/v0.1',
  'https://specs.apollo.dev/cacheTag/v0.1',
  ...AUTHORIZATION_FEATURES,
]);

/** A plan without what the caller may not see of the operation. */
export interface AuthorizedPlan extends CompiledPlan {
  /** Whether other callers may get another plan: then an answer must not be shared between them. */
  readonly dependsOnCaller: boolean;
}

export interface SnapshotOptions {
  readonly planCacheEntries: number;
  /** Told of each plan that was looked up. */
  readonly onPlan?: (outcome: PlanOutcome, elapsedMs: number) => void;
}

/** Everything that follows from one supergraph. Immutable but for its plan cache; a request keeps the one it began with. */
export interface Snapshot {
  /** Hash of the supergraph SDL: equal text, equal id. */
  readonly id: string;
  readonly supergraphSdl: string;
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  /** Subgraph name to the URL in the supergraph. */
  readonly subgraphs: ReadonlyMap<string, string>;
  /** How answers of its subgraphs are tagged in the cache. */
  readonly tagger: FetchTagger;
  /**
   * The compiled plan of one operation, from the cache when there is one.
   * @param documentKey identifies the document's text, such as its hash
   * @param authority of the caller: what it may not see is not in the plan
   * @throws CodedError `QUERY_PLAN_FAILED`, or `UNAUTHORIZED_FIELD_OR_TYPE` where nothing would be left to plan
   */
  plan(
    document: DocumentNode,
    documentKey: string,
    operationName: string | undefined,
    authority: Authority,
  ): AuthorizedPlan;
}

/** @throws when the SDL is no supergraph that this gateway can execute; the message says why */
export function buildSnapshot(supergraphSdl: string, options: SnapshotOptions): Snapshot {
  const steps = snapshotSteps(supergraphSdl, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * The same in steps, for a process that has other things to do: it stops between them, each of which takes milliseconds or, for a large graph, tenths of a second.
 * @throws when the SDL is no supergraph that this gateway can execute; the message says why
 */
export function* snapshotSteps(
  supergraphSdl: string,
  options: SnapshotOptions,
): Generator<undefined, Snapshot> {
  const { onPlan } = options;
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: SUPPORTED_FEATURES });
  yield;
  const federationApiSchema = supergraph.apiSchema();
  yield;
  const apiSchema = withLiveDirective(federationApiSchema.toGraphQLJSSchema());
  // Apollo Server asks the same at the swap, when it is too late to say no; the answer is kept with the schema.
  assertValidSchema(apiSchema);
  yield;
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  yield;
  const planner = new QueryPlanner(supergraph);
  yield;
  const reservedNames = collectReservedNames(supergraphSdl);
  const drawOverrides = createProgressiveOverrides(supergraph.schema);
  const plans = new LRUCache<string, AuthorizedPlan>({ max: options.planCacheEntries });
  const authorizer = createAuthorizer({
    requirements: readRequirements(supergraph.schema, parse(supergraphSdl), supergraphSchema),
    apiSchema,
    cacheEntries: options.planCacheEntries,
  });

  function compile(
    client: DocumentNode,
    operationName: string | undefined,
    overrides: OverrideChoice,
    outcome: Outcome,
  ): AuthorizedPlan {
    const prepared = prepareDocument(withoutLive(apiSchema, client), reservedNames);
    const { planned, shaped, responseNames, errors } = authorizer.restrict(prepared, operationName, outcome);
    try {
      const named = operationName === undefined ? {} : { operationName };
      const operation = operationFromDocument(federationApiSchema, planned, named);
      const plan = planner.buildQueryPlan(operation, { overrideConditions: overrides.conditions });
      const compiled = compilePlan({
        plan,
        document: shaped,
        responseNames,
        operationName,
        supergraphSchema,
        apiSchema,
        unauthorized: errors,
      });
      return { ...compiled, dependsOnCaller: outcome.key !== '' };
    } catch (cause) {
      // The planner refuses some valid operations with a reason for the client, such as too many selections.
      const reason = cause instanceof GraphQLError ? cause.message : 'the planner failed';
      throw new CodedError('QUERY_PLAN_FAILED', `No plan for this operation: ${reason}`, { cause });
    }
  }

  return {
    id: createHash('sha256').update(supergraphSdl).digest('hex').slice(0, 16),
    supergraphSdl,
    apiSchema,
    subgraphs: new Map(supergraph.subgraphsMetadata().map(({ name, url }) => [name, url])),
    tagger: createFetchTagger(supergraph),
    plan(document, documentKey, operationName, authority) {
      const overrides = drawOverrides();
      const outcome = authorizer.outcomeFor(document, documentKey, authority);
      const key = `${documentKey}:${operationName ?? ''}:${overrides.key}:${outcome.key}`;
      let compiled = plans.get(key);
      if (compiled !== undefined) {
        onPlan?.('hit', 0);
        return compiled;
      }
      const startedAt = performance.now();
      let result: PlanOutcome = 'failed';
      try {
        compiled = compile(document, operationName, overrides, outcome);
        plans.set(key, compiled);
        result = 'made';
        return compiled;
      } finally {
        onPlan?.(result, performance.now() - startedAt);
      }
    },
  };
}
