import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Distribution } from '../graph/distribution.js';
import type { Followed, Given } from '../graph/followed.js';
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
    await giveSigned(request, response, query, {
      followed: distribution,
      sign: (served) => signer.sign(served, 'supergraph'),
      textOf: ({ sdl }) => sdl,
      contentType: 'text/plain; charset=utf-8',
    });
  };
}

export interface GiveSignedOptions<T extends Given> {
  readonly followed: Followed<T>;
  sign(given: T): string;
  textOf(given: T): string;
  readonly contentType: string;
}

/** Answers with what is current, or waits for another one than the request knows. @throws RegistryRefusal */
export async function giveSigned<T extends Given & { readonly version: number }>(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  { followed, sign, textOf, contentType }: GiveSignedOptions<T>,
): Promise<void> {
  const { wait } = parseWith(querySchema, Object.fromEntries(query));
  const known = knownHash(request);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const given = await followed.next(known, wait * 1000, gone.signal);
  if (response.destroyed) return;
  if (given === undefined) {
    throw new RegistryRefusal('NOTHING_PUBLISHED', 'nothing has been published yet');
  }
  response.setHeader('cache-control', 'no-store');
  response.setHeader('etag', `"${given.hash}"`);
  response.setHeader('headgate-version', String(given.version));
  response.setHeader('headgate-revision', String(given.revision));
  response.setHeader('headgate-signature', sign(given));
  if (given.hash === known) {
    response.writeHead(304).end();
    return;
  }
  const body = Buffer.from(textOf(given));
  response.writeHead(200, { 'content-type': contentType, 'content-length': body.length });
  response.end(body);
}

/** A proxy may have made the tag a weak one. */
function knownHash(request: IncomingMessage): string | undefined {
  return /^(?:W\/)?"([0-9a-f]{64})"$/.exec(request.headers['if-none-match'] ?? '')?.[1];
}
