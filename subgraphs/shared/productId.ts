/** Lower-case words joined by `_`. No `-`: it ends the category inside a product id. */
const CATEGORY = /^[a-z]+(?:_[a-z]+)*$/;
const PRODUCT_ID = /^([a-z]+(?:_[a-z]+)*)-([A-Za-z0-9]{1,40})$/;

export function isCategorySlug(text: string): boolean {
  return text.length <= 40 && CATEGORY.test(text);
}

/** The category that a product id carries, so that its shard is known from the id alone; `undefined` for what is no product id. */
export function categoryOfProductId(id: string): string | undefined {
  return id.length <= 81 ? PRODUCT_ID.exec(id)?.[1] : undefined;
}

export function formatProductId(category: string, suffix: string): string {
  return `${category}-${suffix}`;
}
