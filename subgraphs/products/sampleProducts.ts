import { categoryOfProductId } from '../shared/productId.js';
import { type SampleCategory, sampleProductIds } from '../shared/sampleIds.js';
import { seededRandom } from '../shared/seededRandom.js';
import { SAMPLE_VOCABULARY } from './sampleVocabulary.js';

export interface SampleProduct {
  readonly id: string;
  readonly category: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly amountMinor: number;
  readonly createdAt: Date;
}

const FIRST_CREATED = Date.UTC(2024, 0, 8, 9);
const CREATED_EVERY_MS = 3 * 60 * 60 * 1_000;
/** Shares no factor with the 400 names of a category, so steps of it meet no name twice. */
const NAME_STEP = 147;

/** Always the same 3,000 products, one for each of `sampleProductIds`. */
export function sampleProducts(): SampleProduct[] {
  const ids = sampleProductIds();
  return ids.map((id, index) => toProduct(id, index, ids.length));
}

function toProduct(id: string, index: number, count: number): SampleProduct {
  const category = categoryOfProductId(id) as SampleCategory;
  const number = Number(id.slice(id.indexOf('-') + 1));
  const { first, second, texts, price } = SAMPLE_VOCABULARY[category];
  const random = seededRandom(`product ${id}`);
  const name = nameOf(first.split('|'), second.split('|'), number);
  const [min, max] = price;
  return {
    id,
    category,
    sku: `${category.replaceAll('_', '').slice(0, 3).toUpperCase()}-${String(number).padStart(5, '0')}`,
    name,
    description: random.pick(texts).replaceAll('{name}', name),
    // Cheap things are more frequent, and prices end as prices do.
    amountMinor:
      Math.min(random.integer(min, max), random.integer(min, max)) * 100 + random.pick([99, 95, 90, 49, 0]),
    // A step that spreads the categories over time, so that the newest products are not all of one kind.
    createdAt: new Date(FIRST_CREATED + ((index * 1_009) % count) * CREATED_EVERY_MS),
  };
}

function nameOf(first: readonly string[], second: readonly string[], number: number): string {
  const position = (number * NAME_STEP) % (first.length * second.length);
  return `${first[position % first.length]} ${second[Math.floor(position / first.length)]}`;
}
