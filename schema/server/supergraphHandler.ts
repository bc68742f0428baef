import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Distribution } from '../graph/distribution.js';
import type { Signer } from '../graph/signing.js';
import type { Authorise } from './authorise.js';
import { parseWith } from './readJson.js';
import { RegistryRefusal } from './refusal.js';
import type { Route } from './routes.js';

const querySchema = z.object({ wait: z.coerce.number().min(0).max(60).default(0) });

export interface SupergraphHandlerOptions {
  readonly distribution: Distribution;
  readonly signer: Signer;
  readonly authorise: Authorise;
}

/**
 * What gateways ask for: the supergraph, unless they have it already; then the answer waits until there is another one,
 * which makes a change known at once without a connection back to the gateways.
 */
export function createSupergraphHandler({
  distribution,
  signer,
  authorise,
}: SupergraphHandlerOptions): Route {
  return async (request, response, query) => {
    authorise.as(request, 'gateway', 'admin', 'reader');
    const { wait } = parseWith(querySchema, Object.fromEntries(query));
    const known = knownHash(request);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const served = await distribution.next(known, wait * 1000, gone.signal);
    if (response.destroyed) return;
    if (served === undefined) {
      throw new RegistryRefusal('NOTHING_PUBLISHED', 'nothing has been published yet');
    }
    response.setHeader('cache-control', 'no-store');
    response.setHeader('etag', `"${served.hash}"`);
    response.setHeader('headgate-version', String(served.version));
    response.setHeader('headgate-revision', String(served.revision));
    response.setHeader('headgate-signature', signer.sign(served));
    if (served.hash === known) {
      response.writeHead(304).end();
      return;
    }
    sendText(response, served.sdl);
  };
}

function sendText(response: ServerResponse, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length });
  response.end(body);
}

/** A proxy may have made the tag a weak one. */
function knownHash(request: IncomingMessage): string | undefined {
  return /^(?:W\/)?"([0-9a-f]{64})"$/.exec(request.headers['if-none-match'] ?? '')?.[1];
}
