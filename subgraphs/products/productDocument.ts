import type { StoredDocument } from '../../platform/database/database.js';

export interface Money {
  /** In the smallest unit of the currency: cents. */
  readonly amountMinor: number;
  /** ISO 4217, such as `EUR`. */
  readonly currency: string;
}

export interface ProductDocument extends StoredDocument {
  /** Never changes: it is part of the shard key and of the id. */
  readonly category: string;
  readonly sku: string;
  readonly name: string;
  /** `name` as lists sort it. */
  readonly nameSort: string;
  readonly description: string;
  readonly price: Money;
  readonly imageUrls: readonly string[];
  /** What search finds it by. */
  readonly tokens: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** 1 when created, one more with each update. */
  readonly version: number;
}

/** Holds a SKU for one product. `_id` is the SKU. */
export interface SkuDocument extends StoredDocument {
  readonly productId: string;
  /** `pending` until the product stands; from then on the SKU is free again only when the product is gone. */
  readonly state: 'pending' | 'confirmed';
  readonly reservedAt: Date;
}
