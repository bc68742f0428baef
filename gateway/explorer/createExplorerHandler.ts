import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GraphQLSchema, printSchema } from 'graphql';
import type { RequestHandler } from '../../platform/http/httpServer.js';
import { sendJson } from '../../platform/http/sendJson.js';
import { AdminRefusal, sendRefusal } from '../admin/adminRefusal.js';
import { hasExplorerToken } from '../trace/traceGuard.js';
import type { ExplorerConfig } from './explorerConfig.js';
import { readExplorerFile } from './explorerFiles.js';
import type { ExplorerSettings } from './explorerSettings.js';
import { NOT_BUILT_PAGE } from './notBuiltPage.js';

export const EXPLORER_PATH = '/graphiql';

export interface ExplorerOptions {
  readonly config: ExplorerConfig;
  readonly settings: ExplorerSettings;
  /** What clients see; `undefined` while there is no supergraph. */
  apiSchema(): GraphQLSchema | undefined;
  /** `POST`; throws `AdminRefusal` for those who may not. */
  readonly purge: RequestHandler;
  /** Where the built page is. @default `dist/explorer` */
  readonly folder?: string | undefined;
}

/** Everything from this origin, and nothing from any other. Monaco writes its styles into the page as it goes. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const COMMON_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The explorer's page with its files, what it has to know of this gateway, the schema, and its way to purge. */
export function createExplorerHandler(options: ExplorerOptions): RequestHandler {
  const { config, settings, apiSchema, purge, folder } = options;

  async function sendPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = await readExplorerFile('index.html', acceptsGzip(request), folder);
    const cacheControl = 'no-cache';
    if (file !== undefined) return send(request, response, 200, { ...file, cacheControl });
    response.setHeader('refresh', '2');
    const bytes = Buffer.from(NOT_BUILT_PAGE);
    return send(request, response, 503, { contentType: 'text/html; charset=utf-8', bytes, cacheControl });
  }

  function sendSchema(request: IncomingMessage, response: ServerResponse): void {
    if (!settings.introspection && !hasExplorerToken(request, config.token)) {
      throw new AdminRefusal(401, 'the schema is not public here: send the explorer token');
    }
    const schema = apiSchema();
    if (schema === undefined) throw new AdminRefusal(503, 'no supergraph is served yet');
    const bytes = Buffer.from(printSchema(schema));
    send(request, response, 200, {
      contentType: 'text/plain; charset=utf-8',
      bytes,
      cacheControl: 'no-store',
    });
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0]?.slice(EXPLORER_PATH.length) ?? '';
    if (path === '/purge') {
      checkMethod(request, response, ['POST']);
      return purge(request, response);
    }
    checkMethod(request, response, ['GET', 'HEAD']);
    if (path === '' || path === '/') return sendPage(request, response);
    if (path === '/settings.json') {
      response.setHeader('cache-control', 'no-store');
      return sendJson(response, 200, settings);
    }
    if (path === '/schema.graphql') return sendSchema(request, response);
    const file = path.startsWith('/assets/')
      ? await readExplorerFile(path.slice(1), acceptsGzip(request), folder)
      : undefined;
    if (file === undefined) throw new AdminRefusal(404, 'There is nothing here.');
    // Their names carry a hash of their contents.
    send(request, response, 200, { ...file, cacheControl: 'public, max-age=31536000, immutable' });
  }

  return async (request, response) => {
    try {
      await route(request, response);
    } catch (error) {
      if (!(error instanceof AdminRefusal)) throw error;
      sendRefusal(response, error);
    }
  };
}

interface Sent {
  readonly contentType: string;
  readonly contentEncoding?: string | undefined;
  readonly bytes: Buffer;
  readonly cacheControl: string;
}

function send(request: IncomingMessage, response: ServerResponse, status: number, sent: Sent): void {
  const { contentType, contentEncoding, bytes, cacheControl } = sent;
  response.writeHead(status, {
    ...COMMON_HEADERS,
    'content-type': contentType,
    'content-length': bytes.length,
    'cache-control': cacheControl,
    vary: 'accept-encoding',
    ...(contentEncoding !== undefined && { 'content-encoding': contentEncoding }),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(String(headers['accept-encoding'] ?? ''));
}

function checkMethod(
  { method = '' }: IncomingMessage,
  response: ServerResponse,
  allowed: readonly string[],
): void {
  if (allowed.includes(method)) return;
  response.setHeader('allow', allowed.join(', '));
  throw new AdminRefusal(405, `expected ${allowed.join(' or ')}`);
}
