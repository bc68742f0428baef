import type { IncomingMessage } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { CodedError } from '../../platform/errors.js';
import type { OperationText } from '../admission/createOperationLimits.js';
import type { RequestBounds } from '../admission/createRequestBounds.js';
import type { LoadedResponse } from '../cache/response/responseCache.js';
import type { PersistedOperations } from '../persisted/createPersistedOperations.js';
import { type SentOperation, textOf, withoutHash } from '../persisted/sentOperation.js';
import type { RequestContext } from '../requestContext.js';
import { toLoadedResponse } from './toLoadedResponse.js';

export interface ExecuteOnServerOptions {
  readonly server: ApolloServer<RequestContext>;
  readonly request: IncomingMessage;
  /** Empty for GET. */
  readonly body: Buffer;
  readonly context: RequestContext;
  readonly bounds: Pick<RequestBounds, 'refuseBatch'>;
  readonly persisted: Pick<PersistedOperations, 'settle' | 'registered'>;
  /** @throws CodedError for an operation that is refused before it is looked at */
  admit(operation: OperationText): void;
  /** Text of the token for what the request has written and seen. */
  consistencyToken(context: RequestContext): string | undefined;
}

/** Runs one request through Apollo Server and takes the whole answer, with what may be done with it. */
export async function executeOnServer(options: ExecuteOnServerOptions): Promise<LoadedResponse> {
  const { server, request, body, context, persisted } = options;
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const search = question < 0 ? '' : url.slice(question);
  const parsedBody = request.method === 'POST' ? parseBody(body, request) : undefined;
  const isPost = request.method === 'POST';
  if (Array.isArray(parsedBody)) throw options.bounds.refuseBatch();
  // What is malformed is left to Apollo Server, which says what is wrong with it.
  const sent: ReadOperation = isPost ? (parsedBody ?? {}) : operationInSearch(search);
  const { text, byId } = persisted.settle(sent, request.headers);
  options.admit({ query: text ?? textOf(sent), variables: sent.variables });
  // Apollo Server looks up nothing: it is given texts, and registers those that come with their hash, where that may be.
  const isReplaced = text !== undefined && (byId || persisted.registered === undefined);
  const answer = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method ?? 'GET',
      headers: headerMap(request),
      search: isReplaced && !isPost ? withText(search, sent, text) : search,
      body: isReplaced && isPost ? { ...(parsedBody as object), ...replacing(sent, text) } : parsedBody,
    },
    context: async () => context,
  });
  return toLoadedResponse(context, {
    status: answer.status ?? 200,
    headers: new Map(answer.headers),
    body: answer.body.kind === 'complete' ? answer.body.string : await collect(answer.body.asyncIterator),
    consistencyToken: options.consistencyToken(context),
  });
}

interface ReadOperation extends SentOperation {
  readonly variables?: unknown;
}

function operationInSearch(search: string): ReadOperation {
  const parameters = new URLSearchParams(search);
  return {
    query: parameters.get('query') ?? undefined,
    variables: parseJson(parameters.get('variables') ?? ''),
    extensions: parseJson(parameters.get('extensions') ?? ''),
    documentId: parameters.get('documentId') ?? undefined,
  };
}

function replacing({ extensions }: SentOperation, query: string) {
  const others = withoutHash(extensions);
  return others === undefined ? { query } : { query, extensions: others };
}

function withText(search: string, sent: SentOperation, text: string): string {
  const parameters = new URLSearchParams(search);
  const { query, extensions } = replacing(sent, text);
  parameters.set('query', query);
  if (extensions !== undefined) parameters.set('extensions', JSON.stringify(extensions));
  return `?${parameters}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headerMap(request: IncomingMessage): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

function parseBody(body: Buffer, request: IncomingMessage): unknown {
  // Other content types are Apollo Server's to refuse: it knows which of them could be a forged request.
  if (!request.headers['content-type']?.includes('json') || body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new CodedError('BAD_REQUEST', 'The body is not JSON.', { cause });
  }
}

async function collect(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}
