import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, type BaseContext, HeaderMap, type HTTPGraphQLRequest } from '@apollo/server';
import { CodedError } from '../errors.js';
import type { RequestHandler } from './httpServer.js';
import { readBody } from './readBody.js';
import { REQUEST_ID_HEADER, requestIdOf } from './requestId.js';

export interface ApolloHandlerOptions<C extends BaseContext> {
  readonly server: ApolloServer<C>;
  createContext(request: IncomingMessage, response: ServerResponse): C | Promise<C>;
  readonly maxBodyBytes: number;
}

/** Puts Apollo Server behind `node:http`; every answer carries its request id. The server must have been started. */
export function createApolloHandler<C extends BaseContext>(options: ApolloHandlerOptions<C>): RequestHandler {
  return async (request, response) => {
    response.setHeader(REQUEST_ID_HEADER, requestIdOf(request));
    const httpGraphQLRequest = await toGraphQLRequest(request, options.maxBodyBytes);
    const answer = await options.server.executeHTTPGraphQLRequest({
      httpGraphQLRequest,
      context: async () => options.createContext(request, response),
    });
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    response.statusCode = answer.status ?? 200;
    if (answer.body.kind === 'complete') {
      const body = Buffer.from(answer.body.string);
      response.setHeader('content-length', body.length);
      response.end(body);
      return;
    }
    for await (const chunk of answer.body.asyncIterator) {
      if (response.destroyed) break;
      response.write(chunk);
    }
    response.end();
  };
}

async function toGraphQLRequest(request: IncomingMessage, maxBodyBytes: number): Promise<HTTPGraphQLRequest> {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  return {
    method: request.method ?? 'GET',
    headers,
    search: question < 0 ? '' : url.slice(question),
    body: request.method === 'POST' ? parseJson(await readBody(request, maxBodyBytes), request) : undefined,
  };
}

function parseJson(body: Buffer, request: IncomingMessage): unknown {
  // Other content types are Apollo Server's to refuse: it knows which of them could be a forged request.
  if (!request.headers['content-type']?.includes('json') || body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new CodedError('BAD_REQUEST', 'The body is not JSON.', { cause });
  }
}
