import type { CausalContext, Database } from '../../platform/database/database.js';
import { DatabaseUnavailableError, DuplicateKeyError } from '../../platform/database/errors.js';
import type { Page } from '../shared/connection.js';
import { ORDERS } from './collections.js';
import type { OrderDocument, OrderStep, OutboxEntry, Rejection } from './orderDocument.js';
import { bucketOfCustomer, bucketOfOrder } from './orderId.js';
import { isFinal, ORDER_STATUSES, type OrderStatus, statusesBefore } from './orderState.js';

export interface Transition {
  readonly orderId: string;
  /** When given, the order must be this customer's. */
  readonly customerId?: string;
  readonly to: OrderStatus;
  /** When given, the order must have this status. @default every one that `to` may follow */
  readonly from?: OrderStatus;
  readonly at: Date;
  /** Work that follows, written in the same update. */
  readonly outbox?: OutboxEntry;
  /** What was done outside, recorded in the same update. */
  readonly step?: OrderStep;
  readonly rejection?: Rejection;
}

/** Every query carries the shard key: an order's bucket stands in its id, and a customer's is their hash. */
export interface OrderStore {
  /** `null` for an id that is unknown or no order id at all. */
  findById(orderId: string, causal?: CausalContext): Promise<OrderDocument | null>;
  /** The orders that exist, in no particular order, in one command. */
  findByIds(orderIds: readonly string[], causal?: CausalContext): Promise<OrderDocument[]>;
  /** One page of a customer's orders. */
  ofCustomer(customerId: string, page: Page, causal?: CausalContext): Promise<OrderDocument[]>;
  /** Inserts the order with its outbox in one write; when its id is taken, gives the order that has it. */
  insertOrFind(order: OrderDocument, causal?: CausalContext): Promise<OrderDocument>;
  /** Status, timeline and outbox in one conditional update; `null` when `orderState.ts` forbids it from where the order is. */
  transition(transition: Transition, causal?: CausalContext): Promise<OrderDocument | null>;
  /** Fixes until when stock is set aside, unless that is fixed; `null` when the order is no longer `PLACED`. */
  beginWork(orderId: string, holdUntil: Date): Promise<OrderDocument | null>;
  /** An order at its end needs nothing more: empties its outbox, and records what was done for that. Once. */
  finish(orderId: string, steps: readonly OrderStep[]): Promise<OrderDocument | null>;
  /**
   * Orders with work that was due at `before` and none older than `from`, and that nobody has changed since `before`;
   * those with the oldest work first. On all shards.
   */
  withWorkLeft(range: {
    readonly from: Date;
    readonly before: Date;
    readonly limit: number;
  }): Promise<OrderDocument[]>;
}

const FINAL = ORDER_STATUSES.filter(isFinal);

export function createOrderStore(database: Database): OrderStore {
  const orders = database.collection<OrderDocument>(ORDERS);

  async function findById(orderId: string, causal?: CausalContext): Promise<OrderDocument | null> {
    const customerBucket = bucketOfOrder(orderId);
    if (customerBucket === undefined) return null;
    return orders.findOne({ customerBucket, _id: orderId }, { causal });
  }

  return {
    findById,

    async findByIds(orderIds, causal) {
      const wellFormed = orderIds.filter((id) => bucketOfOrder(id) !== undefined);
      if (wellFormed.length === 0) return [];
      const customerBucket = { $in: [...new Set(wellFormed.map(bucketOfOrder))] };
      return orders.find({ customerBucket, _id: { $in: wellFormed } }, { causal });
    },

    async ofCustomer(customerId, { filter, sort, limit }, causal) {
      const own = { customerBucket: bucketOfCustomer(customerId), customerId };
      return orders.find(filter ? { ...own, $and: [filter] } : own, { sort, limit, causal });
    },

    async insertOrFind(order, causal) {
      try {
        await orders.insertOne(order, { causal });
        return order;
      } catch (error) {
        if (!(error instanceof DuplicateKeyError)) throw error;
        const earlier = await findById(order._id, causal);
        // Taken, and not yet what a majority has: a new primary is about to learn which of the two it keeps.
        if (!earlier) throw new DatabaseUnavailableError('the order is not confirmed yet', { cause: error });
        return earlier;
      }
    },

    async transition({ orderId, customerId, from, to, at, outbox, step, rejection }, causal) {
      const customerBucket = bucketOfOrder(orderId);
      if (customerBucket === undefined) return null;
      return orders.findOneAndUpdate(
        {
          customerBucket,
          _id: orderId,
          status: { $in: statusesBefore(to).filter((before) => from === undefined || before === from) },
          ...(customerId !== undefined && { customerId }),
        },
        {
          $set: { status: to, updatedAt: at, ...(rejection && { rejection }) },
          $push: { timeline: { status: to, at }, ...(outbox && { outbox }), ...(step && { steps: step }) },
          $inc: { version: 1 },
        },
        { causal },
      );
    },

    async beginWork(orderId, holdUntil) {
      const order = { customerBucket: bucketOfOrder(orderId) ?? null, _id: orderId, status: 'PLACED' };
      const fixed = await orders.findOneAndUpdate(
        { ...order, holdUntil: { $exists: false } },
        { $set: { holdUntil } },
      );
      return fixed ?? orders.findOne(order);
    },

    async finish(orderId, steps) {
      const customerBucket = bucketOfOrder(orderId) ?? null;
      return orders.findOneAndUpdate(
        { customerBucket, _id: orderId, status: { $in: FINAL }, 'outbox.0': { $exists: true } },
        {
          $set: { outbox: [], ...(steps[0] && { updatedAt: steps[0].at }) },
          $push: { steps: { $each: steps } },
          $inc: { version: 1 },
        },
      );
    },

    async withWorkLeft({ from, before, limit }) {
      // One entry must be in the range, not one on each side of it; and as they are sorted by their oldest one, an older
      // one means that an earlier page had the order.
      const [due, earlier] = [{ $gte: from, $lt: before }, { $lt: from }];
      return orders.find(
        {
          outbox: { $elemMatch: { createdAt: due }, $not: { $elemMatch: { createdAt: earlier } } },
          updatedAt: { $lt: before },
        },
        { sort: { 'outbox.createdAt': 1 }, limit },
      );
    },
  };
}
