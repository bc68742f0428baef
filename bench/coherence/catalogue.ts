import type { HttpAnswer } from '../support/httpConnection.js';

/** Categories whose other products cost more than any version that is written, so that ours come first by price. */
export const CATEGORIES = ['books', 'electronics', 'clothing', 'shoes'] as const;
const WORD = 'coherence';
const PAGE = 20;
/** Their requests differ, and what is asked of subgraphs does not: one makes its response of what the other has loaded. */
const CLIENTS = ['Web', 'Mobile'] as const;

export interface WrittenProduct {
  readonly index: number;
  readonly id: string;
  readonly category: string;
}

/** One thing that readers ask, again and again. */
export interface ShopRead {
  readonly name: string;
  readonly body: string;
  /** What is in the answer, or may be. */
  readonly products: readonly number[];
  /** The answer lists only products up to this version. */
  readonly maxVersion?: number;
  /** Version by product. @throws when the answer has errors */
  versionsIn(answer: HttpAnswer): ReadonlyMap<number, number>;
}

interface Node {
  readonly id: string;
  readonly price: { readonly amountMinor: number };
}

const NODE = 'id name price { amountMinor }';
const LIST = `edges { node { ${NODE} } }`;

export function creation(index: number, run: string): string {
  return request(
    `mutation Create($input: CreateProductInput!) { createProduct(input: $input) { id category } }`,
    {
      input: {
        sku: `COH-${run}-${index}`,
        name: `${WORD} ${run} ${index}`,
        category: CATEGORIES[index % CATEGORIES.length],
        price: { amountMinor: 1, currency: 'EUR' },
      },
    },
  );
}

export function repricing({ id }: WrittenProduct, version: number): string {
  return request(
    'mutation Reprice($id: ID!, $price: MoneyInput!) { updateProduct(id: $id, input: { price: $price }) { price { amountMinor } } }',
    { id, price: { amountMinor: version, currency: 'EUR' } },
  );
}

/** Entity pages, and per category: the list by price, a list filtered by price, and a search. */
export function shopReads(products: readonly WrittenProduct[], run: string, maxVersion: number) {
  const indexOf = new Map(products.map(({ id, index }) => [id, index]));
  const entities = products.flatMap(({ id, index }) =>
    CLIENTS.map(
      (client): ShopRead => ({
        name: 'entity',
        body: request(`query ${client}($id: ID!) { product(id: $id) { ${NODE} } }`, { id }),
        products: [index],
        versionsIn: (answer) => versions(indexOf, [dataOf<{ product: Node | null }>(answer).product]),
      }),
    ),
  );
  const perCategory = CATEGORIES.map((category) => {
    const own = products.filter((product) => product.category === category).map(({ index }) => index);
    const read = (name: string, query: string, variables: object): ShopRead => ({
      name,
      body: request(query, { category, ...variables }),
      products: own,
      versionsIn(answer) {
        const { list } = dataOf<{ list: { edges: readonly { node: Node }[] } }>(answer);
        return versions(
          indexOf,
          list.edges.map(({ node }) => node),
        );
      },
    });
    return [
      read(
        'list by price',
        `query ByPrice($category: String!) { list: products(category: $category, first: ${PAGE}, sort: PRICE_ASC) { ${LIST} } }`,
        {},
      ),
      {
        ...read(
          'filtered list',
          `query Filtered($category: String!, $filter: ProductFilter!) { list: products(category: $category, filter: $filter, first: ${PAGE}) { ${LIST} } }`,
          { filter: { maxPriceMinor: maxVersion } },
        ),
        maxVersion,
      },
      read(
        'search',
        `query Search($category: String!, $text: String!) { list: searchProducts(text: $text, category: $category, first: ${PAGE}) { ${LIST} } }`,
        { text: `${WORD} ${run}` },
      ),
    ];
  });
  return { entities, lists: perCategory.flat() };
}

export function dataOf<T>({ status, body }: HttpAnswer): T {
  const { data, errors } = JSON.parse(body.toString()) as { data?: T; errors?: unknown };
  if (status !== 200 || errors !== undefined || data === undefined) {
    throw new Error(`status ${status}: ${body.subarray(0, 1000)}`);
  }
  return data;
}

function versions(
  indexOf: ReadonlyMap<string, number>,
  nodes: readonly (Node | null)[],
): ReadonlyMap<number, number> {
  const seen = new Map<number, number>();
  for (const node of nodes) {
    const index = node === null ? undefined : indexOf.get(node.id);
    if (node !== null && index !== undefined) seen.set(index, node.price.amountMinor);
  }
  return seen;
}

function request(query: string, variables: object): string {
  return JSON.stringify({ query, variables });
}
