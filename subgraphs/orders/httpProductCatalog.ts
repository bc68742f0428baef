import { Pool, request as send } from 'undici';
import { z } from 'zod';
import { CodedError, type ErrorCodeName } from '../../platform/errors.js';
import { currentTraceparent, inSpan } from '../../platform/tracing/currentSpan.js';
import type { Money } from './orderDocument.js';
import type { ProductCatalog } from './productCatalog.js';

const QUERY = `query PricesForOrder($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Product { price { amountMinor currency } } }
}`;

const money = z.object({ amountMinor: z.int().nonnegative(), currency: z.string().length(3) });
const entity = z.object({ price: money }).nullable();
type PricedEntity = z.infer<typeof entity>;
/** With errors it is no answer: a product that could not be read is not one that does not exist. */
const answer = (count: number) =>
  z.object({ data: z.object({ _entities: z.array(entity).length(count) }), errors: z.null().optional() });

export interface HttpProductCatalogOptions {
  /** The products subgraph's GraphQL endpoint. */
  readonly url: string;
  /** For the entire call. @default 2000 */
  readonly timeoutMs?: number;
  /** Keep-alive connections to the subgraph. @default 8 */
  readonly connections?: number;
}

export interface HttpProductCatalog extends ProductCatalog {
  close(): Promise<void>;
}

/** Asks the products subgraph for its entities, as the gateway would. */
export function createHttpProductCatalog(options: HttpProductCatalogOptions): HttpProductCatalog {
  const { timeoutMs = 2_000, connections = 8 } = options;
  const url = new URL(options.url);
  const pool = new Pool(url.origin, { connections });

  async function ask(
    productIds: readonly string[],
    requestId: string,
    signal: AbortSignal,
  ): Promise<PricedEntity[]> {
    const representations = productIds.map((id) => ({ __typename: 'Product', id }));
    const { body } = await send(url, {
      dispatcher: pool,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-request-id': requestId,
        ...currentTraceparent(),
      },
      body: JSON.stringify({ query: QUERY, variables: { representations } }),
      signal,
    });
    return readEntities(await body.text(), productIds.length);
  }

  return {
    async pricesOf(productIds, { requestId, logger }) {
      const signal = AbortSignal.timeout(timeoutMs);
      const asking = inSpan('fetch products', () => ask(productIds, requestId, signal), 'client');
      const entities = await asking.catch((error: unknown) => {
        logger.warn({ err: error }, 'no prices from the products subgraph');
        throw toCodedError(error, signal.aborted);
      });
      const prices = new Map<string, Money>();
      for (const [index, entity] of entities.entries()) {
        if (entity) prices.set(productIds[index] as string, entity.price);
      }
      return prices;
    },
    close: () => pool.close(),
  };
}

function readEntities(text: string, count: number): PricedEntity[] {
  try {
    return answer(count).parse(JSON.parse(text)).data._entities;
  } catch (cause) {
    throw failure('SUBGRAPH_BAD_RESPONSE', 'The products subgraph gave no prices.', cause);
  }
}

function toCodedError(cause: unknown, timedOut: boolean): CodedError {
  if (cause instanceof CodedError) return cause;
  return timedOut
    ? failure('SUBGRAPH_TIMEOUT', 'The products subgraph gave no prices in time.', cause)
    : failure('SUBGRAPH_UNAVAILABLE', 'The products subgraph is not reachable.', cause);
}

function failure(code: ErrorCodeName, message: string, cause: unknown): CodedError {
  return new CodedError(code, message, { extensions: { service: 'products' }, cause });
}
