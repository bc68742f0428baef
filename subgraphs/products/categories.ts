import { SAMPLE_CATEGORIES, type SampleCategory } from '../shared/sampleIds.js';

export interface Category {
  /** The slug that products and their ids carry. */
  readonly name: string;
  readonly title: string;
}

const TITLES: Readonly<Record<SampleCategory, string>> = {
  books: 'Books',
  electronics: 'Electronics',
  home_kitchen: 'Home & Kitchen',
  garden: 'Garden',
  toys: 'Toys & Games',
  sports: 'Sports & Outdoors',
  clothing: 'Clothing',
  shoes: 'Shoes',
  beauty: 'Beauty & Care',
  grocery: 'Grocery',
  office: 'Office',
  music: 'Music',
};

/**
 * The categories of the shop. A table and not a collection: the category is the first half of the shard key and of
 * every product id, and zones pin it to shards, so a new one is a deployment and not a mutation.
 *
 * They carry no product count. At the size this is built for, twelve counts are twelve index scans per request, and
 * a cached count would be wrong after every write.
 */
export const CATEGORIES: readonly Category[] = SAMPLE_CATEGORIES.map((name) => ({
  name,
  title: TITLES[name],
}));

const NAMES = new Set<string>(SAMPLE_CATEGORIES);

export function isCategory(name: string): boolean {
  return NAMES.has(name);
}
