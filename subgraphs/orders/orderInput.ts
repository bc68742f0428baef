import { createHash } from 'node:crypto';
import { badUserInput } from '../../platform/errors.js';
import { requireInteger, requireText } from '../shared/validation.js';

const MAX_ITEMS = 50;
const MAX_QUANTITY = 99;
const MAX_KEY_LENGTH = 128;
const MAX_TOKEN_LENGTH = 255;
const MAX_PRODUCT_ID_LENGTH = 100;

export interface ItemInput {
  readonly productId: string;
  readonly quantity: number;
}

export interface PlaceOrderInput {
  readonly items: readonly ItemInput[];
  readonly idempotencyKey: string;
  readonly paymentToken?: string | null;
}

/** Fails with `BAD_USER_INPUT` that names the first argument that is wrong. */
export function checkPlaceOrderInput({ items, idempotencyKey, paymentToken }: PlaceOrderInput): void {
  requireText('input.idempotencyKey', idempotencyKey, { minLength: 1, maxLength: MAX_KEY_LENGTH });
  if (paymentToken) checkPaymentToken(paymentToken);
  if (items.length < 1 || items.length > MAX_ITEMS) {
    throw badUserInput('input.items', `an order has 1 to ${MAX_ITEMS} items`);
  }
  const seen = new Set<string>();
  for (const [index, { productId, quantity }] of items.entries()) {
    const path = `input.items[${index}]`;
    requireText(`${path}.productId`, productId, { minLength: 1, maxLength: MAX_PRODUCT_ID_LENGTH });
    requireInteger(`${path}.quantity`, quantity, { min: 1, max: MAX_QUANTITY });
    if (seen.has(productId)) throw badUserInput(`${path}.productId`, 'each product may be there only once');
    seen.add(productId);
  }
}

/** It is kept as it came, so spaces around it count as well. */
function checkPaymentToken(token: string): void {
  requireText('input.paymentToken', token, { maxLength: MAX_TOKEN_LENGTH });
  if (token.length > MAX_TOKEN_LENGTH) {
    throw badUserInput('input.paymentToken', `must have at most ${MAX_TOKEN_LENGTH} characters.`);
  }
}

/** Equal for orders of the same things paid in the same way, in whatever order they are listed. */
export function contentsDigestOf(items: readonly ItemInput[], paymentToken?: string | null): string {
  const lines = items.map(({ productId, quantity }) => [productId, quantity] as const);
  lines.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify(paymentToken ? [lines, paymentToken] : lines))
    .digest('hex')
    .slice(0, 32);
}
