import type { CausalContext, Collection } from '../../platform/database/database.js';
import { DuplicateKeyError } from '../../platform/database/errors.js';
import type { Clock } from '../shared/clock.js';
import type { ProductDocument, SkuDocument } from './productDocument.js';

/** How long a reservation whose product has not appeared is left alone: its writer may only be slow. */
export const RESERVATION_GRACE_MS = 60_000;

export interface SkuReservations {
  /** Whether the SKU is now held for this product, which does not stand yet. */
  reserve(sku: string, productId: string, causal: CausalContext): Promise<boolean>;
  /** After the product was written. `false`: somebody took the SKU over meanwhile, and the product must go again. */
  confirm(sku: string, productId: string, causal: CausalContext): Promise<boolean>;
  /** Frees the SKU if this product still holds it. */
  release(sku: string, productId: string, causal: CausalContext): Promise<void>;
  find(sku: string, causal: CausalContext): Promise<SkuDocument | null>;
}

/**
 * Keeps SKUs unique over all shards. The order of writes is: reserve, insert the product, confirm.
 *
 * A reservation can be taken over when its product is not there, and either it was confirmed (then the product has been
 * deleted since) or its time of grace is over (then its writer died). Taking over and confirming are conditional
 * updates of one document, so exactly one of them wins: a slow writer learns from `confirm` that it lost.
 */
export function createSkuReservations(
  skus: Collection<SkuDocument>,
  productsOnPrimary: Collection<ProductDocument>,
  clock: Clock,
): SkuReservations {
  async function takeOver(sku: string, productId: string, causal: CausalContext): Promise<boolean> {
    const held = await skus.findOne({ _id: sku }, { causal });
    if (held === null) return insert(sku, productId, causal);
    const graceEnds = held.reservedAt.getTime() + RESERVATION_GRACE_MS;
    if (held.state === 'pending' && clock().getTime() < graceEnds) return false;
    if (await isOnSale(held, causal)) return false;
    const { matched } = await skus.updateOne(
      { _id: sku, productId: held.productId, state: held.state, reservedAt: held.reservedAt },
      { $set: { productId, state: 'pending', reservedAt: clock() } },
      { causal },
    );
    return matched === 1;
  }

  async function isOnSale({ _id: sku, productId }: SkuDocument, causal: CausalContext): Promise<boolean> {
    const category = productId.slice(0, productId.indexOf('-'));
    const product = await productsOnPrimary.findOne({ category, _id: productId }, { causal });
    return product?.sku === sku;
  }

  async function insert(sku: string, productId: string, causal: CausalContext): Promise<boolean> {
    try {
      await skus.insertOne({ _id: sku, productId, state: 'pending', reservedAt: clock() }, { causal });
      return true;
    } catch (error) {
      if (error instanceof DuplicateKeyError) return false;
      throw error;
    }
  }

  return {
    async reserve(sku, productId, causal) {
      return (await insert(sku, productId, causal)) || takeOver(sku, productId, causal);
    },
    async confirm(sku, productId, causal) {
      const { matched } = await skus.updateOne(
        { _id: sku, productId },
        { $set: { state: 'confirmed' } },
        { causal },
      );
      return matched === 1;
    },
    async release(sku, productId, causal) {
      await skus.findOneAndDelete({ _id: sku, productId }, { causal });
    },
    find: (sku, causal) => skus.findOne({ _id: sku }, { causal }),
  };
}
