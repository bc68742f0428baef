/** The graph of the cache benchmark: two subgraphs, whose answers are a function of ids, so that any byte can be checked. */

export const SHELVES_SCHEMA = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { page(id: ID!): Page  shelf(id: ID!): Shelf }
type Page @key(fields: "id") { id: ID!  text: String! }
type Shelf @key(fields: "id") { id: ID!  items: [Item!]! }
type Item @key(fields: "id") { id: ID! }`;

export const ITEMS_SCHEMA = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { itemsVersion: Int }
type Item @key(fields: "id") { id: ID!  text: String! }`;

export const ITEMS_PER_SHELF = 20;

/** An id tells how much text is behind it. */
export function pageId(index: number, bytes: number): string {
  return `${bytes}-${index}`;
}

/** As many bytes as the id says, different for each id. */
export function textOf(id: string): string {
  const bytes = Number.parseInt(id, 10);
  return `${id} `.repeat(Math.ceil(bytes / (id.length + 1))).slice(0, bytes);
}

/** The items of a shelf share its text between them. */
export function itemIds(shelfId: string): string[] {
  const bytes = Math.round(Number.parseInt(shelfId, 10) / ITEMS_PER_SHELF);
  const shelf = shelfId.slice(shelfId.indexOf('-') + 1);
  return Array.from({ length: ITEMS_PER_SHELF }, (_, index) => `${bytes}-${shelf}-${index}`);
}

const PAGE_QUERY = 'query Page($id: ID!) { page(id: $id) { id text } }';
const SHELF_QUERY = 'query Shelf($id: ID!) { shelf(id: $id) { id items { id text } } }';

/** @param variant makes another request of it for everything that looks at the raw bytes, and for nothing else */
export function pageRequest(id: string, variant?: number): string {
  return requestBody(PAGE_QUERY, id, variant);
}

export function shelfRequest(id: string, variant?: number): string {
  return requestBody(SHELF_QUERY, id, variant);
}

function requestBody(query: string, id: string, variant: number | undefined): string {
  return JSON.stringify({
    query,
    variables: { id },
    ...(variant !== undefined && { extensions: { variant } }),
  });
}

/** The bytes that a gateway answers with, no more and no less. */
export function pageAnswer(id: string): Buffer {
  return Buffer.from(`${JSON.stringify({ data: { page: { id, text: textOf(id) } } })}\n`);
}

export function shelfAnswer(id: string): Buffer {
  const items = itemIds(id).map((item) => ({ id: item, text: textOf(item) }));
  return Buffer.from(`${JSON.stringify({ data: { shelf: { id, items } } })}\n`);
}
