import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from '../../platform/http/httpServer.js';
import { REQUEST_ID_HEADER, requestIdOf } from '../../platform/http/requestId.js';
import { WorkRefusedError } from '../work/errors.js';
import { RegistryRefusal, sendRegistryRefusal } from './refusal.js';

export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) => void | Promise<void>;

/** From `METHOD /path` to what answers it; everything else is 404 or 405. */
export type Routes = Readonly<Record<string, Route>>;

export function createRoutes(routes: Routes): RequestHandler {
  const byKey = new Map(Object.entries(routes));
  const paths = new Set(Object.keys(routes).map((key) => key.split(' ')[1]));

  function find(request: IncomingMessage, path: string): Route {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = byKey.get(`${method} ${path}`);
    if (route !== undefined) return route;
    if (paths.has(path)) throw new RegistryRefusal('NOT_FOUND', `${method} does not work here`);
    throw new RegistryRefusal('NOT_FOUND', 'there is nothing here');
  }

  return async (request, response) => {
    response.setHeader(REQUEST_ID_HEADER, requestIdOf(request));
    const [path = '/', search = ''] = (request.url ?? '/').split('?', 2);
    try {
      await find(request, path)(request, response, new URLSearchParams(search));
    } catch (error) {
      sendRegistryRefusal(response, toRefusal(error));
    }
  };
}

/** @throws what is no refusal */
function toRefusal(error: unknown): RegistryRefusal {
  if (error instanceof RegistryRefusal) return error;
  if (error instanceof WorkRefusedError) {
    const code = error.why === 'time' || error.why === 'memory' ? 'SCHEMA_TOO_COSTLY' : 'NOT_READY';
    return new RegistryRefusal(code, error.message);
  }
  throw error;
}
