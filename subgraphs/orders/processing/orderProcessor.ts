import { inSpan } from '../../../platform/tracing/currentSpan.js';
import { type OrderDocument, outboxEntry } from '../orderDocument.js';
import { isFinal } from '../orderState.js';
import type { JobHandler } from '../queue/jobQueue.js';
import { PermanentFailure } from '../queue/permanentFailure.js';
import { Postponement } from '../queue/postponement.js';
import { rejectionOf } from '../rejectionOf.js';
import { changeStatus } from './changeStatus.js';
import { chargePayment } from './chargePayment.js';
import { compensate } from './compensate.js';
import { confirmOrder } from './confirmOrder.js';
import type { ProcessingContext } from './orderPorts.js';
import { reserveStock } from './reserveStock.js';
import { sendConfirmation } from './sendConfirmation.js';

/**
 * Brings one order to its end, from wherever it stands. Everything that it does outside is done once by its key, and
 * every status is changed on the condition of the one before: so it may run again, late, half, or twice at once.
 */
export function createOrderProcessor(context: ProcessingContext): JobHandler {
  const { store, logger } = context;
  return async ({ orderId, attempt, last }) => {
    try {
      const order = await store.findById(orderId);
      // Perhaps a new primary that does not know yet what a majority has.
      if (order === null) throw new Error('there is no such order');
      await advance(context, order);
    } catch (error) {
      logger.warn({ err: error, orderId, attempt, last }, 'the work on an order failed');
      if (last || error instanceof PermanentFailure) {
        // A dead letter is left alone by all: nobody would look after an order that does not know of it.
        await giveUp(context, orderId).catch((cause: unknown) => {
          throw new Postponement('the order could not be given up', { cause });
        });
      }
      throw error;
    }
  };
}

async function advance(context: ProcessingContext, given: OrderDocument): Promise<void> {
  let order: OrderDocument | undefined = given;
  while (order !== undefined) order = await doNext(context, order);
}

/** One step; `undefined` when there is nothing to do, or nothing yet. */
async function doNext(context: ProcessingContext, order: OrderDocument): Promise<OrderDocument | undefined> {
  switch (order.status) {
    case 'PLACED':
      return inSpan('reserve stock', () => reserveStock(context, order));
    case 'STOCK_RESERVED':
      return inSpan('charge payment', () => chargePayment(context, order));
    case 'PAID':
      return inSpan('confirm order', () => confirmOrder(context, order));
    case 'CONFIRMED':
      if (order.outbox.length > 0) {
        await inSpan('send confirmation', () => sendConfirmation(context, order));
      }
      return undefined;
    case 'REJECTED':
    case 'CANCELLED':
      if (order.outbox.length > 0) await inSpan('compensate', () => compensate(context, order));
      return undefined;
  }
}

/**
 * The order is rejected, and a job of its own gives everything back: this one lies in the dead letters. An order at its
 * end stays what it is; a person looks after what could not be done for it.
 */
async function giveUp(context: ProcessingContext, orderId: string): Promise<void> {
  const order = await context.store.findById(orderId);
  if (order === null || isFinal(order.status)) return;
  await changeStatus(context, order, {
    to: 'REJECTED',
    rejection: rejectionOf('NOT_PROCESSED'),
    outbox: outboxEntry(orderId, 'ORDER_GIVEN_UP', context.now()),
  });
}
