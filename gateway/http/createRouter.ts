import type { RequestHandler } from '../../platform/http/httpServer.js';
import { sendJson } from '../../platform/http/sendJson.js';

/**
 * Exact paths to handlers; anything else is 404. A map is all it takes: no path of the gateway has parameters.
 *
 * @param folders paths to handlers of everything below them; the exact ones go first
 */
export function createRouter(
  routes: Readonly<Record<string, RequestHandler>>,
  folders: Readonly<Record<string, RequestHandler>> = {},
): RequestHandler {
  const byPath = new Map(Object.entries(routes));
  const message = `There is nothing here. Try ${Object.keys(routes).join(' or ')}.`;
  const byFolder = Object.entries(folders).map(([path, handler]) => ({ prefix: `${path}/`, handler }));
  return (request, response) => {
    const url = request.url ?? '/';
    const question = url.indexOf('?');
    const path = question < 0 ? url : url.slice(0, question);
    const handler = byPath.get(path) ?? byFolder.find(({ prefix }) => path.startsWith(prefix))?.handler;
    if (handler) return handler(request, response);
    sendJson(response, 404, { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
  };
}
