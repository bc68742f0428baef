import type { Logger } from '../../../platform/logger.js';
import type { Clock } from '../../shared/clock.js';
import type { Mailer } from '../mail/mailer.js';
import type { OrderStatus } from '../orderState.js';
import type { PaymentProvider } from '../payment/paymentProvider.js';
import type { StockReservations } from '../stock/stockReservations.js';
import type { OrderStore } from '../store.js';

/** What the work on orders needs of the world. */
export interface OrderPorts {
  readonly store: OrderStore;
  readonly stock: StockReservations;
  readonly payments: PaymentProvider;
  readonly mailer: Mailer;
}

export interface ProcessingSettings {
  /** How long stock is set aside for an order, from when the work on it begins. At most an hour. */
  readonly reservationMs: number;
  /** Of Message-IDs, and of addresses of customers whose id is none. */
  readonly mailDomain: string;
}

export interface ProcessingContext extends OrderPorts {
  readonly settings: ProcessingSettings;
  readonly now: Clock;
  readonly logger: Logger;
  /** Told of each status that an order has reached here. */
  reached(status: OrderStatus): void;
}
