import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { sendJson } from '../../platform/http/sendJson.js';
import type { Logger } from '../../platform/logger.js';
import { AdminRefusal } from './adminRefusal.js';
import { parsePurgeRequest } from './purgeRequest.js';
import type { PurgeTarget, TierCounts } from './purgeTarget.js';

/** Room for the most tags that one request may name, at a usual length. */
export const MAX_PURGE_BODY_BYTES = 256 * 1024;

const LOGGED_TAGS = 20;

export interface PurgeHandlerOptions {
  readonly target: PurgeTarget;
  /** Throws for those who may not purge. */
  guard(request: IncomingMessage): void;
  readonly logger: Logger;
}

/** What is answered to a purge. To one in the shape of Apollo Router also `count`, over all tiers, as there. */
export interface PurgeAnswer {
  readonly dryRun: boolean;
  /** What went, or in a dry run would go, on this gateway. Other gateways were told, and count for themselves. */
  readonly purged: TierCounts;
  readonly count?: number;
}

/** `POST /purge`: drops records by tag, type or subgraph. Throws `AdminRefusal` or `REQUEST_TOO_LARGE`. */
export function createPurgeHandler({ target, guard, logger }: PurgeHandlerOptions): RequestHandler {
  return async (request, response) => {
    guard(request);
    checkForm(request);
    const body = parseJson(await readBody(request, MAX_PURGE_BODY_BYTES));
    const { tags, sources, dryRun, fromRouter } = parsePurgeRequest(body, target.subgraphs());
    const purged = dryRun ? await target.count(tags) : await target.purge({ tags, sources });
    if (!dryRun) {
      const logged = { tags: tags.slice(0, LOGGED_TAGS), tagCount: tags.length, purged };
      logger.info({ ...logged, from: request.socket.remoteAddress }, 'an operator purged the cache');
    }
    const answer: PurgeAnswer = { dryRun, purged, ...(fromRouter && { count: total(purged) }) };
    sendJson(response, fromRouter ? 202 : 200, answer);
  };
}

function checkForm({ url = '', headers }: IncomingMessage): void {
  // Whoever writes `?dryRun=true` would otherwise purge.
  if (url.includes('?'))
    throw new AdminRefusal(400, 'expected no query string: everything goes into the body');
  // A page in a browser can send other types to any address without asking.
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new AdminRefusal(415, 'expected content-type: application/json');
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AdminRefusal(400, 'the body is not JSON');
  }
}

function total(counts: TierCounts): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
}
