import type { StoredDocument } from '../../platform/database/database.js';
import { currentTraceparent } from '../../platform/tracing/currentSpan.js';
import type { OrderStatus } from './orderState.js';
import type { Job } from './queue/jobQueue.js';

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

export type OutboxType = 'ORDER_PLACED' | 'ORDER_CANCELLED' | 'ORDER_GIVEN_UP';

/**
 * Work that an order still needs, written together with the change that calls for it, so that neither exists alone. It
 * stays until all of it is done.
 */
export interface OutboxEntry {
  /** `<order id>/<type>`: whoever handles it twice can tell. */
  readonly id: string;
  readonly type: OutboxType;
  readonly createdAt: Date;
  /** Of the request that called for it, as the W3C writes it; absent where nobody traces. */
  readonly traceparent?: string;
}

export const STEP_NAMES = ['RESERVED', 'CHARGED', 'COMMITTED', 'EMAILED', 'RELEASED', 'REFUNDED'] as const;

export type StepName = (typeof STEP_NAMES)[number];

/** Something that was done outside for this order, recorded once. */
export interface OrderStep {
  readonly name: StepName;
  /** What makes doing it again harmless: the id of the reservation, the charge's key, the Message-ID. */
  readonly key: string;
  readonly at: Date;
}

export type RejectionCode = 'OUT_OF_STOCK' | 'PAYMENT_DECLINED' | 'PAYMENT_TOO_LATE' | 'NOT_PROCESSED';

/** Why an order was not fulfilled, for its customer. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly message: string;
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
  /** What the payment provider gave the client. */
  readonly paymentToken?: string;
  readonly placedAt: Date;
  readonly updatedAt: Date;
  readonly timeline: readonly TimelineEntry[];
  readonly steps: readonly OrderStep[];
  /** Until when its stock is set aside; fixed when the work on it begins, the same for each redelivery. */
  readonly holdUntil?: Date;
  readonly rejection?: Rejection;
  /** Empty once nothing is left to do. */
  readonly outbox: readonly OutboxEntry[];
  readonly version: number;
}

/** Of the current span, if there is one: whoever does the work goes on with its trace. */
export function outboxEntry(orderId: string, type: OutboxType, at: Date): OutboxEntry {
  return { id: `${orderId}/${type}`, type, createdAt: at, ...currentTraceparent() };
}

export function jobOf(orderId: string, { id, traceparent }: OutboxEntry): Job {
  return { id, orderId, ...(traceparent !== undefined && { traceparent }) };
}
