import type { ChangeEvent } from '../../platform/database/database.js';
import { listTag } from '../shared/tags.js';
import type { WatchedStock } from './stockDocument.js';

/**
 * What inventory says of a product is stale. Not the product's own tag: products owns that one, and a sale
 * must not purge pages that show no availability. `typeDefs.graphql` puts the same tag on `Product`.
 */
export function availabilityTag(productId: string): string {
  return listTag('availability', { productId });
}

/** Nothing for changes that no cached field shows, such as a committed hold: its units were not available before either. */
export function tagsOfStock(event: ChangeEvent): readonly string[] {
  const { before, after } = event as ChangeEvent<WatchedStock>;
  const same = before !== undefined && after !== undefined && before.available === after.available;
  return same ? [] : [availabilityTag(event.id)];
}
