import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { ErrorMasking } from '../../platform/errorMasking.js';
import type { OperationText } from '../admission/createOperationLimits.js';
import type { LoadedResponse } from '../cache/response/responseCache.js';
import type { GatewayConfig } from '../config.js';
import { executePlanToJson } from '../execution/executePlanToJson.js';
import type { FetchSubgraph } from '../execution/types.js';
import type { PersistedOperations } from '../persisted/createPersistedOperations.js';
import { noteResult, planOperation } from '../planOperation.js';
import type { RequestContext } from '../requestContext.js';
import { createPrepareOperation, kindOf, type PreparedOperation } from '../streaming/prepareOperation.js';
import type { RecentOperations } from '../supergraph/recentOperations.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import { type PlainRequest, readPlainRequest } from './readPlainRequest.js';
import { toLoadedResponse } from './toLoadedResponse.js';

export interface DirectExecutionOptions {
  readonly config: Pick<GatewayConfig, 'introspection' | 'planCacheEntries'>;
  /** @throws CodedError for an operation that is refused before it is looked at */
  admit(operation: OperationText): void;
  readonly persisted: Pick<PersistedOperations, 'judge' | 'note'>;
  /** Told of each operation that runs. */
  readonly recent: Pick<RecentOperations, 'note'>;
  readonly masking: ErrorMasking;
  snapshot(): Snapshot | undefined;
  fetchFor(snapshot: Snapshot): FetchSubgraph<RequestContext>;
  consistencyToken(context: RequestContext): string | undefined;
}

export interface DirectExecution {
  /** @param onServer answers what is not plain: a request that Apollo Server has to judge, answer or refuse */
  execute(
    request: IncomingMessage,
    body: Buffer,
    context: RequestContext,
    onServer: () => Promise<LoadedResponse>,
  ): Promise<LoadedResponse>;
}

const ACCEPTS_KEPT = 200;
const MAX_ACCEPT_LENGTH = 500;

/**
 * The short way for what nearly every request is: a POST of JSON with a valid query or mutation, without Apollo
 * Server's pipeline (header maps, listeners, several hashes, a result object that is then written). Whatever is not plain
 * goes there, so that it alone decides about everything unusual. Both prepare, plan, execute and mask by the same
 * functions, and answer with the same bytes.
 */
export function createDirectExecution(options: DirectExecutionOptions): DirectExecution {
  const { masking, config, persisted } = options;
  const prepare = createPrepareOperation({
    introspection: config.introspection,
    maxEntries: config.planCacheEntries,
    admit: () => undefined,
  });
  const contentTypes = new LRUCache<string, string>({ max: ACCEPTS_KEPT });

  async function run(
    prepared: PreparedOperation,
    { query, variables }: PlainRequest,
    context: RequestContext,
    contentType: string,
  ): Promise<LoadedResponse> {
    const { requestId } = context;
    const finish = (body: string, status: number) =>
      toLoadedResponse(context, {
        status,
        headers: new Map([['content-type', contentType]]),
        body: `${body}\n`,
        consistencyToken: options.consistencyToken(context),
      });
    const refuse = (errors: readonly GraphQLError[], status: number) =>
      finish(JSON.stringify({ errors: masking.mask(errors, requestId) }), statusOf(errors) ?? status);
    try {
      const fetch = options.fetchFor(prepared.snapshot);
      const planned = await planOperation({ variables, ...prepared }, fetch, context);
      if (planned.errors) return refuse(planned.errors, 400);
      const operationName = prepared.operation.name?.value;
      // Only now: what could not be planned in time must not hold up the next supergraph.
      options.recent.note({ text: query, operationName, authority: context.caller }, prepared.documentKey);
      const { body, errors, hasData, hasInvalidValues } = await executePlanToJson(planned.plan, {
        formatErrors: (found) => masking.mask(found, requestId),
        ...planned.args,
      });
      noteResult(context, { hasErrors: errors !== undefined, hasInvalidValues });
      return finish(body, statusOf(errors ?? []) ?? (hasData ? 200 : 400));
    } catch (error) {
      return refuse([error instanceof GraphQLError ? error : wrapped(error)], 500);
    }
  }

  /** What runs without Apollo Server; `undefined` for everything else. */
  function runPlain(request: IncomingMessage, body: Buffer, context: RequestContext) {
    // In which format a request with such an `Accept` is answered is learned from an answer of Apollo Server.
    const contentType = contentTypes.get(request.headers.accept ?? '');
    if (contentType === undefined) return undefined;
    const plain = readPlainRequest(request, body, (sent) => persisted.judge(sent, request.headers));
    const snapshot = options.snapshot();
    if (plain === undefined || snapshot === undefined) return undefined;
    options.admit(plain);
    const prepared = prepare(snapshot, plain);
    if ('errors' in prepared) return undefined;
    if (kindOf(prepared) !== 'single') return undefined;
    persisted.note(plain.verdict, request.headers);
    return run(prepared, plain, context, contentType);
  }

  return {
    async execute(request, body, context, onServer) {
      const running = runPlain(request, body, context);
      if (running !== undefined) return running;
      const loaded = await onServer();
      const { accept = '' } = request.headers;
      if (request.method === 'POST' && loaded.status === 200 && accept.length <= MAX_ACCEPT_LENGTH) {
        contentTypes.set(accept, loaded.contentType);
      }
      return loaded;
    },
  };
}

/** What an error demands of the whole answer; of several the last, as Apollo Server has it. */
export function statusOf(errors: readonly GraphQLError[]): number | undefined {
  let status: number | undefined;
  for (const { extensions } of errors) {
    const http = extensions['http'] as { readonly status?: number } | undefined;
    status = http?.status ?? status;
  }
  return status;
}

function wrapped(error: unknown): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}
