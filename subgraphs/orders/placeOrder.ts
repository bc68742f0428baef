import type { CausalContext } from '../../platform/database/database.js';
import { badUserInput, CodedError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import type { Clock } from '../shared/clock.js';
import { type Money, type OrderDocument, type OrderItem, outboxEntry } from './orderDocument.js';
import { bucketOfCustomer, orderIdOf } from './orderId.js';
import {
  checkPlaceOrderInput,
  contentsDigestOf,
  type ItemInput,
  type PlaceOrderInput,
} from './orderInput.js';
import type { ProductCatalog } from './productCatalog.js';
import type { OrderStore } from './store.js';

/** GraphQL's Int ends here. */
const MAX_AMOUNT_MINOR = 2 ** 31 - 1;

export interface PlaceOrderDependencies {
  readonly store: OrderStore;
  readonly catalog: ProductCatalog;
  readonly now: Clock;
}

export interface PlaceOrderRequest {
  readonly customerId: string;
  readonly input: PlaceOrderInput;
  readonly requestId: string;
  readonly causal: CausalContext;
  readonly logger: Logger;
}

/**
 * Records an order at today's prices; stock, payment and e-mail follow later, from its outbox.
 * A repeated request gets the order that the first one made, whatever prices have become since.
 * Fails with `BAD_USER_INPUT`, with `IDEMPOTENCY_KEY_REUSED`, and as `ProductCatalog.pricesOf` does.
 */
export async function placeOrder(
  { store, catalog, now }: PlaceOrderDependencies,
  { customerId, input, requestId, causal, logger }: PlaceOrderRequest,
): Promise<OrderDocument> {
  checkPlaceOrderInput(input);
  const id = orderIdOf(customerId, input.idempotencyKey);
  const contentsDigest = contentsDigestOf(input.items, input.paymentToken);

  const earlier = await store.findById(id, causal);
  if (earlier) return sameContents(earlier, contentsDigest);

  const prices = await catalog.pricesOf(
    input.items.map(({ productId }) => productId),
    { requestId, logger },
  );
  const items = priced(input.items, prices);
  const placedAt = now();
  const order: OrderDocument = {
    _id: id,
    customerBucket: bucketOfCustomer(customerId),
    customerId,
    contentsDigest,
    status: 'PLACED',
    items,
    total: totalOf(items),
    ...(input.paymentToken && { paymentToken: input.paymentToken }),
    placedAt,
    updatedAt: placedAt,
    timeline: [{ status: 'PLACED', at: placedAt }],
    steps: [],
    outbox: [outboxEntry(id, 'ORDER_PLACED', placedAt)],
    version: 1,
  };
  return sameContents(await store.insertOrFind(order, causal), contentsDigest);
}

function sameContents(order: OrderDocument, contentsDigest: string): OrderDocument {
  if (order.contentsDigest === contentsDigest) return order;
  throw new CodedError(
    'IDEMPOTENCY_KEY_REUSED',
    'This idempotency key belongs to an order with other contents.',
  );
}

function priced(items: readonly ItemInput[], prices: ReadonlyMap<string, Money>): OrderItem[] {
  let currency: string | undefined;
  return items.map(({ productId, quantity }, index) => {
    const argument = `input.items[${index}].productId`;
    const unitPrice = prices.get(productId);
    if (!unitPrice) throw badUserInput(argument, 'there is no such product');
    currency ??= unitPrice.currency;
    if (unitPrice.currency !== currency) {
      throw badUserInput(argument, `costs ${unitPrice.currency}, but the order is in ${currency}`);
    }
    return { productId, quantity, unitPrice };
  });
}

function totalOf(items: readonly OrderItem[]): Money {
  const amountMinor = items.reduce(
    (sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amountMinor,
    0,
  );
  if (amountMinor > MAX_AMOUNT_MINOR)
    throw badUserInput('input.items', 'the total is too large for one order');
  return { amountMinor, currency: items[0]?.unitPrice.currency ?? '' };
}
