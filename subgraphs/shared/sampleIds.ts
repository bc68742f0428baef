import { formatProductId } from './productId.js';

/** The categories of the sample shop, in the order in which a shop would show them. */
export const SAMPLE_CATEGORIES = [
  'books',
  'electronics',
  'home_kitchen',
  'garden',
  'toys',
  'sports',
  'clothing',
  'shoes',
  'beauty',
  'grocery',
  'office',
  'music',
] as const;

export type SampleCategory = (typeof SAMPLE_CATEGORIES)[number];

export const SAMPLE_PRODUCTS_PER_CATEGORY = 250;

/**
 * The ids of all sample products, `books-0001` to `music-0250`. Every subgraph derives its own sample data from them,
 * so their data fits together although none of them asks another.
 */
export function sampleProductIds(): string[] {
  return SAMPLE_CATEGORIES.flatMap((category) =>
    Array.from({ length: SAMPLE_PRODUCTS_PER_CATEGORY }, (_, index) =>
      formatProductId(category, String(index + 1).padStart(4, '0')),
    ),
  );
}
