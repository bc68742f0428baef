import type { IncomingMessage } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { CodedError } from '../../platform/errors.js';
import { CONSISTENCY_HEADER } from '../cache/consistencyToken.js';
import type { LoadedResponse } from '../cache/response/responseCache.js';
import type { RequestContext } from '../requestContext.js';

export interface ExecuteOnServerOptions {
  readonly server: ApolloServer<RequestContext>;
  readonly request: IncomingMessage;
  /** Empty for GET. */
  readonly body: Buffer;
  readonly context: RequestContext;
  /** Text of the token for what the request has written and seen. */
  consistencyToken(context: RequestContext): string | undefined;
}

/** Runs one request through Apollo Server and takes the whole answer, with what may be done with it. */
export async function executeOnServer(options: ExecuteOnServerOptions): Promise<LoadedResponse> {
  const { server, request, body, context } = options;
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const answer = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method ?? 'GET',
      headers: headerMap(request),
      search: question < 0 ? '' : url.slice(question),
      body: request.method === 'POST' ? parseBody(body, request) : undefined,
    },
    context: async () => context,
  });
  const headers = new Map(answer.headers);
  const token = options.consistencyToken(context);
  if (token !== undefined) headers.set(CONSISTENCY_HEADER, token);
  const { facts } = context.cache;
  return {
    status: answer.status ?? 200,
    headers,
    contentType: headers.get('content-type') ?? 'application/json; charset=utf-8',
    body: answer.body.kind === 'complete' ? answer.body.string : await collect(answer.body.asyncIterator),
    facts: facts.toFacts(),
    identityBound: facts.identityBound,
    private: facts.scope === 'private',
    composed: facts.isComposed,
    apart: facts.apart,
  };
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
