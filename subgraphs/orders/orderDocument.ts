import type { StoredDocument } from '../../platform/database/database.js';
import type { OrderStatus } from './orderState.js';

export interface Money {
  /** In the currency's smallest unit, such as cents. */
  readonly amountMinor: number;
  /** ISO 4217. */
  readonly currency: string;
}

export interface OrderItem {
  readonly productId: string;
  readonly quantity: number;
  /** As it was when the order was placed. */
  readonly unitPrice: Money;
}

export interface TimelineEntry {
  readonly status: OrderStatus;
  readonly at: Date;
}

export type OutboxType = 'ORDER_PLACED' | 'ORDER_CANCELLED';

/** Work that follows from a change of the order, written together with the change, so that neither exists alone. */
export interface OutboxEntry {
  /** `<order id>/<type>`: whoever handles it twice can tell. */
  readonly id: string;
  readonly type: OutboxType;
  readonly createdAt: Date;
  /** `null` until a relay has handed it on. */
  readonly publishedAt: Date | null;
}

export interface OrderDocument extends StoredDocument {
  /** See `orderIdOf`. */
  readonly _id: string;
  readonly customerBucket: string;
  readonly customerId: string;
  /** Tells a repeated request from another order under a used idempotency key. */
  readonly contentsDigest: string;
  readonly status: OrderStatus;
  readonly items: readonly OrderItem[];
  readonly total: Money;
  readonly placedAt: Date;
  readonly updatedAt: Date;
  readonly timeline: readonly TimelineEntry[];
  readonly outbox: readonly OutboxEntry[];
  readonly version: number;
}

export function outboxEntry(orderId: string, type: OutboxType, at: Date): OutboxEntry {
  return { id: `${orderId}/${type}`, type, createdAt: at, publishedAt: null };
}
