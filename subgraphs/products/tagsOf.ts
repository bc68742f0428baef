import type { ChangeEvent } from '../../platform/database/database.js';
import { categoryOfProductId } from '../shared/productId.js';
import { entityTag, listTag } from '../shared/tags.js';
import type { ProductDocument } from './productDocument.js';

type ProductChange = Pick<ChangeEvent<ProductDocument>, 'operation' | 'id' | 'before' | 'after'>;

/**
 * What a change of a product makes stale. Mutations and the change stream both ask here, so they can never disagree.
 *
 * Always the product. Lists when it came, went, or changed in a value that lists sort or filter by: any list may be
 * filtered by price, whatever its order, so a new price touches all lists of the category. Searches when it came,
 * went, or has another name. When the images are gone, all of it: better too much than an old value.
 */
export function tagsOf(change: ProductChange): string[] {
  const { id, before, after } = change;
  const updated = change.operation === 'update' && before !== undefined && after !== undefined;
  const renamed = !updated || before.name !== after.name;
  const repriced =
    !updated ||
    before.price.amountMinor !== after.price.amountMinor ||
    before.price.currency !== after.price.currency;
  return [
    entityTag('Product', { id }),
    ...(renamed || repriced ? listTags('products', id) : []),
    ...(renamed ? listTags('searchProducts', id) : []),
    ...(updated ? [] : skuTags(change)),
  ];
}

/**
 * The list over all categories, whose argument is null and so renders as nothing, and that of the category. They are two
 * tags, so that a change in one category leaves the lists of the others cached. The id carries it, without an image.
 */
function listTags(list: string, id: string): string[] {
  const category = categoryOfProductId(id);
  const whole = listTag(list, { category: '' });
  return category === undefined ? [whole] : [whole, listTag(list, { category })];
}

/** `productBySku` may have been answered with `null` before, and that answer has no product to be tagged by. */
function skuTags({ before, after }: ProductChange): string[] {
  const sku = (after ?? before)?.sku;
  return sku === undefined ? [] : [listTag('productBySku', { sku })];
}
