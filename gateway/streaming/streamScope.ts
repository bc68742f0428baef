import { randomUUID } from 'node:crypto';
import { REQUEST_ID_HEADER } from '../../platform/http/requestId.js';
import { IDENTITY_HEADER } from '../../platform/identity.js';
import type { ConsistencyToken } from '../cache/consistencyToken.js';
import { canonicalJson } from '../cache/fetch/canonicalJson.js';
import { changesAnswers, keyedHeaders, loadHeaders } from '../cache/fetch/loadHeaders.js';
import type { FetchExplanation } from '../cache/fetchExplanation.js';
import { ResponseFacts } from '../cache/responseFacts.js';
import { fetchCacheSettings, type GatewayConfig, subscriptionUrl } from '../config.js';
import { createRequestContext, type RequestContext } from '../requestContext.js';
import type { AuthorizedPlan, Snapshot } from '../supergraph/snapshot.js';
import { planFetches } from './planFetches.js';
import type { PreparedOperation } from './prepareOperation.js';
import type { StreamClient } from './streamClient.js';
import type { UpstreamRequest } from './upstream/upstreamTransport.js';

/** One operation with its variables, for one caller, or for all who would be answered the same. */
export interface StreamScope {
  readonly snapshot: Snapshot;
  readonly plan: AuthorizedPlan;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly client: StreamClient;
  readonly subgraphs: ReadonlySet<string>;
  /** What the client has seen of the world, where it is more than what is kept here. */
  readonly seen: ConsistencyToken;
  /** Equal for those who would be answered the same. */
  readonly key: string;
}

export interface StreamScopeInput extends Pick<StreamScope, 'plan' | 'variables' | 'client' | 'seen'> {
  readonly operation: PreparedOperation;
}

/**
 * Identity is in the key where a subgraph of the plan is told it, or where it decides what may be seen; of the headers,
 * those that subgraphs are sent.
 */
export function createStreamScope(config: GatewayConfig, input: StreamScopeInput): StreamScope {
  const { operation, plan, variables, client, seen } = input;
  const { snapshot, documentKey, operation: node } = operation;
  const subgraphs = new Set(planFetches(plan).map(({ subgraph }) => subgraph));
  const dependsOnCaller =
    plan.dependsOnCaller || [...subgraphs].some((name) => fetchCacheSettings(config, name).forwardIdentity);
  const sent = config.propagateHeaders.filter(changesAnswers).map((name) => [name, client.headers[name]]);
  const key = canonicalJson([
    snapshot.id,
    documentKey,
    node.name?.value,
    variables,
    dependsOnCaller ? (client.caller.key ?? 'anonymous') : '',
    Object.fromEntries(sent),
    [...seen.times],
  ]);
  return { snapshot, plan, variables, client, subgraphs, seen, key };
}

/** For one execution on behalf of all who share the scope. */
export function contextFor(
  config: GatewayConfig,
  { client }: Pick<StreamScope, 'client'>,
  seen: ConsistencyToken,
  clientGone: AbortSignal,
  explain?: FetchExplanation[],
): RequestContext {
  const { caller } = client;
  const headers = Object.assign({}, client.headers, { [REQUEST_ID_HEADER]: randomUUID() });
  const facts = new ResponseFacts();
  const cache = { mayRead: true, mayStore: true, identityKey: caller.key, facts, explain };
  return createRequestContext({ config, request: { headers }, caller, clientGone, cache, seen });
}

/** How the subgraph of a subscription is asked for its events. */
export function upstreamRequest(
  config: GatewayConfig,
  scope: StreamScope,
  context: RequestContext,
): UpstreamRequest {
  const primary = scope.plan.subscription?.primary;
  if (primary === undefined) throw new Error('the plan is not of a subscription');
  const { subgraph, query, operationName, variableNames } = primary;
  const url = subscriptionUrl(config, subgraph, scope.snapshot.subgraphs.get(subgraph) ?? '');
  const settings = fetchCacheSettings(config, subgraph);
  const keyed = keyedHeaders(context.headers, settings);
  const headers = loadHeaders(context.headers, keyed, settings, undefined);
  const used = variableNames.filter((name) => scope.variables[name] !== undefined);
  const variables = Object.fromEntries(used.map((name) => [name, scope.variables[name]]));
  const identity = headers[IDENTITY_HEADER];
  const connectionKey = canonicalJson([subgraph, url, keyed, identity]);
  const key = canonicalJson([connectionKey, query, operationName, variables]);
  return { subgraph, url, query, operationName, variables, headers, key, connectionKey };
}
