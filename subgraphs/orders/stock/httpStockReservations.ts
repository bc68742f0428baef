import { Pool, request as send } from 'undici';
import { z } from 'zod';
import { currentTraceparent, inSpan } from '../../../platform/tracing/currentSpan.js';
import type { HoldResult, StockLine, StockReservations } from './stockReservations.js';

const results = z.object({
  results: z.array(
    z.enum(['reserved', 'already', 'insufficient', 'unknown', 'busy', 'committed', 'released', 'expired']),
  ),
});
type LineResult = z.infer<typeof results>['results'][number];

export interface HttpStockReservationsOptions {
  /** Of the inventory subgraph; only its origin is used. */
  readonly url: string;
  readonly workerToken: string;
  /** For an entire call. @default 10000 */
  readonly timeoutMs?: number | undefined;
  /** Keep-alive connections. @default 16 */
  readonly connections?: number | undefined;
}

interface Action {
  readonly action: 'reserve' | 'commit' | 'release';
  readonly reservationId: string;
}

export interface HttpStockReservations extends StockReservations {
  close(): Promise<void>;
}

/** Asks inventory over its interface for order workers. */
export function createHttpStockReservations(options: HttpStockReservationsOptions): HttpStockReservations {
  const { workerToken, timeoutMs = 10_000, connections = 16 } = options;
  const url = new URL('/internal/reservations', options.url);
  const pool = new Pool(url.origin, { connections });

  async function ask(body: Action, lines: readonly StockLine[]): Promise<LineResult[]> {
    return inSpan(`inventory ${body.action}`, () => post(body, lines), 'client');
  }

  async function post(body: Action, lines: readonly StockLine[]): Promise<LineResult[]> {
    const response = await send(url, {
      dispatcher: pool,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${workerToken}`,
        ...currentTraceparent(),
      },
      body: JSON.stringify({ ...body, lines }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`inventory answered ${response.statusCode}: ${text}`);
    const { results: answers } = results.parse(JSON.parse(text));
    if (answers.length !== lines.length) throw new Error('inventory answered for other lines');
    return answers;
  }

  return {
    async reserve(reservationId, lines, expiresAt) {
      const body = { action: 'reserve', reservationId, expiresAt: expiresAt.toISOString() } as const;
      const answers = await ask(body, bare(lines));
      // Nothing is decided by that: there will be room once other orders are through.
      if (answers.includes('busy')) throw new Error('too many reservations of one product are open');
      return answers.map(holdResult);
    },
    async commit(reservationId, lines) {
      return (await ask({ action: 'commit', reservationId }, bare(lines))).map(
        (result) => result === 'committed',
      );
    },
    async release(reservationId, lines) {
      await ask({ action: 'release', reservationId }, bare(lines));
    },
    close: () => pool.close(),
  };
}

function holdResult(result: LineResult): HoldResult {
  if (result === 'reserved' || result === 'already') return 'held';
  return result === 'insufficient' || result === 'unknown' ? 'short' : 'over';
}

/** Order items carry prices, which are nothing to inventory. */
function bare(lines: readonly StockLine[]): StockLine[] {
  return lines.map(({ productId, quantity }) => ({ productId, quantity }));
}
