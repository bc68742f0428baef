import type { Money } from '../orderDocument.js';

export interface ChargeRequest {
  /** Two charges with one key are one charge, however often and by whomever they are asked for. */
  readonly idempotencyKey: string;
  readonly amount: Money;
  /** What the provider gave the client; absent when the client gave none. */
  readonly token: string | undefined;
}

/**
 * `pending`: the provider will know later, and tell; asking again with the same key is allowed at any time.
 * `cancelled`: this key was cancelled before; nothing is charged under it, or it was refunded.
 */
export type ChargeResult = 'charged' | 'declined' | 'pending' | 'cancelled';

/** How a payment stands after it was cancelled. */
export type CancelResult = 'refunded' | 'nothing charged';

/**
 * A payment service. A call that fails (an answer that was lost, a timeout) says nothing about whether it was carried
 * out: it is repeated with the same key, which tells.
 */
export interface PaymentProvider {
  charge(request: ChargeRequest): Promise<ChargeResult>;
  /** Refunds what was charged under this key, once, and forbids every charge that would come later. */
  cancel(idempotencyKey: string): Promise<CancelResult>;
  /** Calls back with the key of a payment that was pending and is settled; perhaps twice, perhaps never. */
  onSettled(listener: (idempotencyKey: string) => void): void;
  close(): Promise<void>;
}
