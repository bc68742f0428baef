import { createHash } from 'node:crypto';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import { assertValidSchema, type DocumentNode, type GraphQLSchema, parse, print } from 'graphql';
import { LRUCache } from 'lru-cache';
import { measureDocument } from '../admission/measureDocument.js';
import type { Authority } from '../authorization/authority.js';
import {
  type AuthorizedDocument,
  createAuthorizer,
  type Outcome,
} from '../authorization/createAuthorizer.js';
import { readRequirements } from '../authorization/readRequirements.js';
import { createFetchTagger, type FetchTagger } from '../cache/fetch/tags/fetchTagger.js';
import { type AdmitCost, createCostAdmission } from '../cost/createCostAdmission.js';
import type { CostControl } from '../cost/createCostControl.js';
import { readCosts } from '../cost/readCosts.js';
import { type CompiledPlan, compilePlan } from '../execution/compilePlan.js';
import { withoutDefer } from '../execution/prepare/defer.js';
import { prepareDocument } from '../execution/prepare/prepareDocument.js';
import { collectReservedNames } from '../execution/prepare/reservedNames.js';
import type { PlanOutcome } from '../metrics/operationMetrics.js';
import {
  choiceOf,
  createOperationShapes,
  type OperationShape,
  type PlanChoice,
} from '../planning/operationShapes.js';
import { measured, planFailed } from '../planning/planAttempt.js';
import type { PlannerThread } from '../planning/plannerThread.js';
import { PlanRefusals } from '../planning/planRefusals.js';
import { withLiveDirective, withoutLive } from '../streaming/live/liveDirective.js';
import { createProgressiveOverrides, type OverrideChoice } from './progressiveOverrides.js';
import { SUPPORTED_FEATURES } from './supportedFeatures.js';

/** A plan without what the caller may not see of the operation. */
export interface AuthorizedPlan extends CompiledPlan {
  /** Whether other callers may get another plan: then an answer must not be shared between them. */
  readonly dependsOnCaller: boolean;
}

export interface SnapshotOptions {
  readonly planCacheEntries: number;
  /** Told of each plan that was looked up. */
  readonly onPlan?: (outcome: PlanOutcome, elapsedMs: number) => void;
  /** Opens a planner beside this thread. Without it everything is planned in this one. */
  readonly openPlanner?: ((supergraphSdl: string) => PlannerThread) | undefined;
  /** Larger operations are left to the planner beside: their fields, each fragment counted wherever it is spread. */
  readonly planInlineFields?: number;
  /** Decides whether an operation costs too much. Without it none does. */
  readonly costs?: CostControl | undefined;
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
  /** Refuses what costs too much; see there. */
  readonly admitCost: AdmitCost;
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
  /**
   * The same, for whoever can wait: a large operation is planned beside this thread, within bounds, and once for all who
   * want it at the same time.
   * @throws CodedError `QUERY_PLAN_LIMIT` besides, when it takes too long, and `OVERLOADED` when too many wait
   */
  planAside(
    document: DocumentNode,
    documentKey: string,
    operationName: string | undefined,
    authority: Authority,
  ): AuthorizedPlan | Promise<AuthorizedPlan>;
  /** Not for what is planned beside this thread, nor for what not everybody may see: both are answered whole. */
  mayPlanInParts(document: DocumentNode, documentKey: string, authority: Authority): boolean;
  /** The same, of an operation with `@defer` for which `mayPlanInParts`; what cannot be deferred is planned whole. */
  planInParts: Snapshot['plan'];
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
  const { onPlan, planInlineFields = 0 } = options;
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: SUPPORTED_FEATURES });
  yield;
  const federationApiSchema = supergraph.apiSchema();
  yield;
  const apiSchema = withLiveDirective(federationApiSchema.toGraphQLJSSchema({ includeDefer: true }));
  // Apollo Server asks the same at the swap, when it is too late to say no; the answer is kept with the schema.
  assertValidSchema(apiSchema);
  yield;
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  yield;
  const planner = new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer: true } });
  yield;
  const reservedNames = collectReservedNames(supergraphSdl);
  const drawOverrides = createProgressiveOverrides(supergraph.schema);
  const plans = new LRUCache<string, AuthorizedPlan>({ max: options.planCacheEntries });
  const shapes = createOperationShapes<AuthorizedPlan>(apiSchema, options.planCacheEntries);
  const supergraphDocument = parse(supergraphSdl, { noLocation: true });
  const authorizer = createAuthorizer({
    requirements: readRequirements(supergraph.schema, supergraphDocument, supergraphSchema),
    apiSchema,
    cacheEntries: options.planCacheEntries,
  });

  const aside = options.openPlanner?.(supergraphSdl);
  const refusals = new PlanRefusals();
  const underWay = new Map<string, Promise<AuthorizedPlan>>();

  function authorize(client: DocumentNode, operationName: string | undefined, outcome: Outcome) {
    const prepared = prepareDocument(withoutLive(apiSchema, client), reservedNames);
    return authorizer.restrict(prepared, operationName, outcome);
  }

  function planHere(planned: DocumentNode, operationName: string | undefined, overrides: OverrideChoice) {
    const named = operationName === undefined ? {} : { operationName };
    const operation = operationFromDocument(federationApiSchema, planned, named);
    // Without `@defer` in it, the planner plans as if it knew of none.
    return planner.buildQueryPlan(operation, { overrideConditions: overrides.conditions });
  }

  function compile(
    { shaped, responseNames, errors }: AuthorizedDocument,
    plan: QueryPlan,
    operationName: string | undefined,
    outcome: Outcome,
  ): AuthorizedPlan {
    const compiled = compilePlan({
      plan,
      document: shaped,
      responseNames,
      operationName,
      supergraphSchema,
      apiSchema,
      unauthorized: errors,
    });
    return { dependsOnCaller: outcome.key !== '', ...compiled };
  }

  function choose(
    document: DocumentNode,
    documentKey: string,
    operationName: string | undefined,
    authority: Authority,
  ): PlanChoice {
    const overrides = drawOverrides();
    const outcome = authorizer.outcomeFor(document, documentKey, authority);
    return choiceOf({ document, documentKey, operationName, overrides, outcome });
  }

  function makeHere({ key, overrides, outcome, document, operationName }: PlanChoice): AuthorizedPlan {
    return measured(onPlan, () => {
      const authorized = authorize(document, operationName, outcome);
      try {
        const plan = planHere(withoutDefer(authorized.planned), operationName, overrides);
        const compiled = compile(authorized, plan, operationName, outcome);
        plans.set(key, compiled);
        return compiled;
      } catch (cause) {
        throw planFailed(cause);
      }
    });
  }

  /** `undefined` when it cannot be planned so; it may still be planned whole. */
  function makeInParts({ key, overrides, outcome, document, operationName }: PlanChoice) {
    try {
      return measured(onPlan, () => {
        const authorized = authorize(document, operationName, outcome);
        const plan = planHere(authorized.planned, operationName, overrides);
        const compiled = compile(authorized, plan, operationName, outcome);
        plans.set(inParts(key), compiled);
        return compiled;
      });
    } catch {
      return undefined;
    }
  }

  function kept(key: string): AuthorizedPlan | undefined {
    const known = plans.get(key) ?? shapes.filled(key);
    if (known !== undefined) onPlan?.('hit', 0);
    return known;
  }

  function fillHere(shape: OperationShape<AuthorizedPlan>, key: string): AuthorizedPlan {
    return shape.fill(kept(shape.key) ?? makeHere(shape), key);
  }

  const isSmall = (document: DocumentNode) =>
    aside === undefined || measureDocument(document).fields <= planInlineFields;

  async function makeAside(thread: PlannerThread, choice: PlanChoice): Promise<AuthorizedPlan> {
    const { key, overrides, outcome, document, operationName } = choice;
    const startedAt = performance.now();
    let result: PlanOutcome = 'failed';
    try {
      const authorized = authorize(document, operationName, outcome);
      const { conditions } = overrides;
      const plan = await thread.plan({ text: print(authorized.planned), operationName, conditions });
      const compiled = compile(authorized, plan, operationName, outcome);
      plans.set(key, compiled);
      result = 'made';
      return compiled;
    } catch (cause) {
      const error = planFailed(cause);
      refusals.note(key, error);
      throw error;
    } finally {
      underWay.delete(key);
      onPlan?.(result, performance.now() - startedAt);
    }
  }

  return {
    id: createHash('sha256').update(supergraphSdl).digest('hex').slice(0, 16),
    supergraphSdl,
    apiSchema,
    subgraphs: new Map(supergraph.subgraphsMetadata().map(({ name, url }) => [name, url])),
    tagger: createFetchTagger(supergraph),
    admitCost: createCostAdmission({
      control: options.costs,
      costs: readCosts(supergraph.schema, supergraphDocument),
      schema: apiSchema,
      cacheEntries: options.planCacheEntries,
    }),
    plan(document, documentKey, operationName, authority) {
      const choice = choose(document, documentKey, operationName, authority);
      return kept(choice.key) ?? fillHere(shapes.shapeOf(choice), choice.key);
    },
    planAside(document, documentKey, operationName, authority) {
      const choice = choose(document, documentKey, operationName, authority);
      const known = kept(choice.key);
      if (known !== undefined) return known;
      const shape = shapes.shapeOf(choice);
      if (aside === undefined || isSmall(document)) return fillHere(shape, choice.key);
      const ready = kept(shape.key);
      if (ready !== undefined) return shape.fill(ready, choice.key);
      refusals.check(shape.key);
      let making = underWay.get(shape.key);
      if (making === undefined) {
        making = makeAside(aside, shape);
        underWay.set(shape.key, making);
      }
      return making.then((plan) => shape.fill(plan, choice.key));
    },
    mayPlanInParts: (document, documentKey, authority) =>
      isSmall(document) && authorizer.outcomeFor(document, documentKey, authority).key === '',
    planInParts(document, documentKey, operationName, authority) {
      const choice = choose(document, documentKey, operationName, authority);
      const known = kept(inParts(choice.key));
      if (known !== undefined) return known;
      const shape = shapes.shapeOf(choice);
      const ready = kept(inParts(shape.key)) ?? makeInParts(shape);
      return ready === undefined ? fillHere(shape, choice.key) : shape.fill(ready, inParts(choice.key));
    },
  };
}

const inParts = (key: string) => `${key}:parts`;
