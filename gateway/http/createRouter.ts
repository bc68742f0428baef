import type { RequestHandler } from '../../platform/http/httpServer.js';
import { sendJson } from '../../platform/http/sendJson.js';

/** Exact paths to handlers; anything else is 404. A map is all it takes: no path of the gateway has parameters. */
export function createRouter(routes: Readonly<Record<string, RequestHandler>>): RequestHandler {
  const byPath = new Map(Object.entries(routes));
  return (request, response) => {
    const url = request.url ?? '/';
    const question = url.indexOf('?');
    const handler = byPath.get(question < 0 ? url : url.slice(0, question));
    if (handler) return handler(request, response);
    sendJson(response, 404, {
      errors: [{ message: 'There is nothing here.', extensions: { code: 'BAD_REQUEST' } }],
    });
  };
}
