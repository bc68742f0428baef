import { randomUUID } from 'node:crypto';
import { CONSISTENCY_HEADER } from '../cache/consistencyToken.js';
import { executePlanToJson } from '../execution/executePlanToJson.js';
import { noteResult, planOperation } from '../planOperation.js';
import { asGraphQLError } from './asGraphQLError.js';
import type { OperationRequest, PreparedOperation } from './prepareOperation.js';
import type { StreamClient } from './streamClient.js';
import type { StreamRuntime } from './streamRuntime.js';
import { contextFor } from './streamScope.js';
import type { StreamSink } from './streamSink.js';

/**
 * A query or mutation over a transport for streams: one result, and the end. It is planned, executed and masked by the
 * same functions as over HTTP, through the cache of entities and root fetches; whole responses are kept for HTTP alone.
 *
 * @returns a function that gives it up, if it is a query
 */
export function runSingle(
  runtime: StreamRuntime,
  prepared: PreparedOperation,
  request: OperationRequest,
  client: StreamClient,
  sink: StreamSink,
): () => void {
  const gone = new AbortController();
  runtime
    .shed(() => execute(runtime, prepared, request, client, sink, gone.signal))
    .catch((error: unknown) => sink.fail(runtime.mask([asGraphQLError(error)], randomUUID())));
  return () => gone.abort(new Error('nobody waits for the result any more'));
}

async function execute(
  runtime: StreamRuntime,
  prepared: PreparedOperation,
  { variables }: OperationRequest,
  client: StreamClient,
  sink: StreamSink,
  clientGone: AbortSignal,
): Promise<void> {
  const { config, consistency } = runtime;
  const seen = consistency.parseToken(client.headers[CONSISTENCY_HEADER]?.toString());
  const context = contextFor(config, { client }, seen, clientGone);
  const planned = await planOperation({ variables, ...prepared }, runtime.fetchFor(prepared), context);
  if (planned.errors) {
    sink.fail(runtime.mask(planned.errors, context.requestId));
    return;
  }
  const { body, errors, hasInvalidValues } = await executePlanToJson(planned.plan, {
    formatErrors: (found) => runtime.mask(found, context.requestId),
    ...planned.args,
  });
  noteResult(context, { hasErrors: errors !== undefined, hasInvalidValues });
  const token = consistency.tokenFor(context);
  sink.next(Buffer.from(token === undefined ? body : withToken(body, token)));
  sink.complete();
}

/** There are no headers here. */
function withToken(body: string, token: string): string {
  const result = JSON.parse(body) as { extensions?: Record<string, unknown> };
  const headgate = { consistency: token };
  return JSON.stringify({ ...result, extensions: { ...result.extensions, headgate } });
}
