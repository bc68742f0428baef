import { badUserInput, CodedError } from '../../platform/errors.js';
import { requireInteger, requireText } from '../shared/validation.js';
import { isCategory } from './categories.js';
import type { Money } from './productDocument.js';
import type { ProductDraft, ProductListFilter, ProductPatch } from './store.js';

export interface CreateProductInput {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price: Money;
  readonly imageUrls: readonly string[];
}

export type UpdateProductInput = {
  readonly [K in 'name' | 'description' | 'category' | 'price' | 'imageUrls']?:
    | CreateProductInput[K]
    | null
    | undefined;
};

const MAX_NAME_LENGTH = 120;
const MAX_DESCRIPTION_LENGTH = 2_000;
const MAX_IMAGES = 8;
const MAX_URL_LENGTH = 500;
const MAX_PRICE_MINOR = 100_000_000;
const SKU = /^[A-Z0-9](?:[A-Z0-9._-]{0,39})$/;

/** @throws CodedError `BAD_USER_INPUT` that names the field of the input */
export function readCreateInput(input: CreateProductInput, currency: string): ProductDraft {
  const sku = requireText('input.sku', input.sku, { maxLength: 40 }).toUpperCase();
  if (!SKU.test(sku)) throw badUserInput('input.sku', 'may have letters, digits, `.`, `_` and `-` only.');
  if (!isCategory(input.category)) throw badUserInput('input.category', 'is none of `categories`.');
  return {
    sku,
    category: input.category,
    name: readName(input.name),
    description: readDescription(input.description),
    price: readPrice(input.price, currency),
    imageUrls: readImageUrls(input.imageUrls),
  };
}

/**
 * @param category what the product has, known from its id
 * @throws CodedError `BAD_USER_INPUT` that names the field of the input
 */
export function readUpdateInput(
  input: UpdateProductInput,
  category: string | undefined,
  currency: string,
): ProductPatch {
  if (input.category != null && category !== undefined && input.category !== category) {
    throw badUserInput('input.category', 'never changes. Create a new product and delete this one.');
  }
  const patch: ProductPatch = {
    ...(input.name != null && { name: readName(input.name) }),
    ...(input.description != null && { description: readDescription(input.description) }),
    ...(input.price != null && { price: readPrice(input.price, currency) }),
    ...(input.imageUrls != null && { imageUrls: readImageUrls(input.imageUrls) }),
  };
  if (Object.keys(patch).length === 0) throw badUserInput('input', 'must name something to change.');
  return patch;
}

/** @throws CodedError `BAD_USER_INPUT` that names the field of the filter */
export function readListFilter(
  filter:
    | { readonly minPriceMinor?: number | null; readonly maxPriceMinor?: number | null }
    | null
    | undefined,
): ProductListFilter {
  const limits = { min: 0, max: MAX_PRICE_MINOR };
  const { minPriceMinor: min, maxPriceMinor: max } = filter ?? {};
  if (min != null) requireInteger('filter.minPriceMinor', min, limits);
  if (max != null) requireInteger('filter.maxPriceMinor', max, limits);
  if (min != null && max != null && min > max) {
    throw badUserInput('filter.minPriceMinor', 'must not be more than `maxPriceMinor`.');
  }
  return { minPriceMinor: min ?? undefined, maxPriceMinor: max ?? undefined };
}

/**
 * A category that does not exist has no products; only nonsense is refused. Nothing is trimmed: answers are tagged by the
 * argument as it came, so ` books` must not be `books`, whose tag would not purge it.
 */
export function readCategory(category: string | null | undefined): string | undefined {
  if (category == null) return undefined;
  requireText('category', category, { maxLength: 40 });
  return category;
}

export function skuTaken(sku: string): CodedError {
  return new CodedError('CONFLICT', `Another product has the SKU ${sku}.`, {
    extensions: { argument: 'input.sku' },
  });
}

function readName(name: string): string {
  return requireText('input.name', name, { maxLength: MAX_NAME_LENGTH });
}

function readDescription(description: string): string {
  return requireText('input.description', description, { minLength: 0, maxLength: MAX_DESCRIPTION_LENGTH });
}

/** One currency per shop: lists sort and filter by the amount alone. */
function readPrice(price: Money, currency: string): Money {
  requireInteger('input.price.amountMinor', price.amountMinor, { min: 0, max: MAX_PRICE_MINOR });
  if (price.currency !== currency) {
    throw badUserInput('input.price.currency', `must be ${currency}, the currency of the shop.`);
  }
  return { amountMinor: price.amountMinor, currency };
}

function readImageUrls(urls: readonly string[]): string[] {
  if (urls.length > MAX_IMAGES) throw badUserInput('input.imageUrls', `may have at most ${MAX_IMAGES} URLs.`);
  return urls.map((url, index) => {
    const argument = `input.imageUrls[${index}]`;
    const text = requireText(argument, url, { maxLength: MAX_URL_LENGTH });
    const absolute = URL.canParse(text) && new URL(text).protocol === 'https:';
    if (!absolute && !/^\/images\/[\w.-]+$/.test(text)) {
      throw badUserInput(argument, 'must begin with `https://` or `/images/`.');
    }
    return text;
  });
}
