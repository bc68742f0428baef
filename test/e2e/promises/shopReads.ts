import { CONSISTENCY_HEADER } from '../../../gateway/cache/consistencyToken.js';
import type { ShopGateway } from '../../support/startCachedShop.js';
import { until } from '../../support/until.js';

/** For gateways whose Redis has to be read: by default they go on without one that a busy machine keeps from answering. */
export const PATIENT_WITH_REDIS = { redisReadDeadlineMs: 30_000 } as const;

/** A product that a test writes, in one version after the other: name and price tell which. */
export interface WrittenProduct {
  readonly id: string;
  readonly category: string;
  /** In the name of every version, and of no other product. */
  readonly word: string;
}

type Asker = Pick<ShopGateway, 'ask'>;

interface Node {
  readonly id: string;
  readonly name: string;
  readonly price: { readonly amountMinor: number };
}

/** One way to come across a product. */
export interface ShopRead {
  readonly name: string;
  /** @param operation its name: another one makes another response of the same fetches */
  query(operation: string): string;
  variables(product: WrittenProduct): Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: the data of any of the queries
  nodes(data: any): readonly (Node | null)[];
}

const NODE = 'id name price { amountMinor }';
const LIST = `edges { node { ${NODE} } }`;
/** Less than anything in the sample costs: what is written comes first in lists by price. */
const MAX_WRITTEN_PRICE = 90;
// biome-ignore lint/suspicious/noExplicitAny: the data of a list
const nodesOfList = (data: any): Node[] => data.list.edges.map(({ node }: { node: Node }) => node);

export const SHOP_READS: readonly ShopRead[] = [
  {
    name: 'the product by its id',
    query: (operation) => `query ${operation}($id: ID!) { product(id: $id) { ${NODE} } }`,
    variables: ({ id }) => ({ id }),
    nodes: ({ product }) => [product],
  },
  {
    name: 'the product page',
    query: (operation) =>
      `query ${operation}($id: ID!, $category: String!) {
        product(id: $id) { ${NODE} description imageUrls availability { inStock available } }
        neighbours: products(category: $category, first: 3) { edges { node { id name availability { inStock } } } }
        categories { name title }
      }`,
    variables: ({ id, category }) => ({ id, category }),
    nodes: ({ product }) => [product],
  },
  {
    name: 'the list sorted by price',
    query: (operation) =>
      `query ${operation}($category: String!) { list: products(category: $category, sort: PRICE_ASC, first: 50) { ${LIST} } }`,
    variables: ({ category }) => ({ category }),
    nodes: nodesOfList,
  },
  {
    name: 'the filtered list',
    query: (operation) =>
      `query ${operation}($category: String!) {
        list: products(category: $category, filter: { maxPriceMinor: ${MAX_WRITTEN_PRICE} }, first: 50) { ${LIST} }
      }`,
    variables: ({ category }) => ({ category }),
    nodes: nodesOfList,
  },
  {
    name: 'the search',
    query: (operation) =>
      `query ${operation}($text: String!) { list: searchProducts(text: $text, first: 20) { ${LIST} } }`,
    variables: ({ word }) => ({ text: word }),
    nodes: nodesOfList,
  },
];

export const BY_ID = SHOP_READS[0] as ShopRead;

const CREATE = 'mutation Create($input: CreateProductInput!) { createProduct(input: $input) { id } }';
const UPDATE =
  'mutation Update($id: ID!, $input: UpdateProductInput!) { updateProduct(id: $id, input: $input) { id } }';

const written = (word: string, version: number) => ({
  name: `${word} version${version}`,
  price: { amountMinor: version, currency: 'EUR' },
});

let products = 0;

/** A new product, in version 1, made through this gateway, or past all. */
export async function createProduct({ ask }: Asker, category = 'music'): Promise<WrittenProduct> {
  products += 1;
  const word = `thing${process.pid}x${products}`;
  const { data, errors } = await ask(CREATE, { input: { sku: word, category, ...written(word, 1) } });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return { id: data.createProduct.id, category, word };
}

/**
 * A new product, made through the first of these gateways, of which the feed has told each of them: it purges nothing there any
 * more. Another gateway's word of it, by Redis, still may.
 */
export async function createKnownProduct(
  gateways: readonly [ShopGateway, ...ShopGateway[]],
  category?: string,
): Promise<WrittenProduct> {
  let token = '';
  const [writer] = gateways;
  const asker: Asker = {
    async ask(...request) {
      const answer = await writer.ask(...request);
      token = answer.headers.get(CONSISTENCY_HEADER) ?? '';
      return answer;
    },
  };
  const product = await createProduct(asker, category);
  if (token === '') throw new Error('the mutation was answered without a consistency token');
  for (const gateway of gateways) {
    // With a token, memory answers only once the feed is applied up to there.
    await until(`the feed has told of ${product.word}`, async () => {
      const { cache } = await readVersion(gateway, BY_ID, product, 'Known', { [CONSISTENCY_HEADER]: token });
      return cache === 'hit; tier=memory';
    });
  }
  return product;
}

/** The answer may be one of errors. */
export function tryUpdate({ ask }: Asker, { id, word }: WrittenProduct, version: number) {
  return ask(UPDATE, { id, input: written(word, version) });
}

/** Fails when the update does: else a test would wonder later about the old version. */
export async function update(asker: Asker, product: WrittenProduct, version: number) {
  const answer = await tryUpdate(asker, product, version);
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  return answer;
}

export interface SeenVersion {
  /** What the read shows of the product, in name and price; `undefined` when it is not there. */
  readonly version: number | undefined;
  readonly cache: string | null;
  readonly headers: Headers;
}

/** Fails when the read does, or shows the name of one version with the price of another. */
export async function readVersion(
  { ask }: Asker,
  read: ShopRead,
  product: WrittenProduct,
  operation = 'Read',
  headers: Record<string, string> = {},
): Promise<SeenVersion> {
  const answer = await ask(read.query(operation), read.variables(product), headers);
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  const node = read.nodes(answer.data).find((one) => one?.id === product.id);
  const version = node?.price.amountMinor;
  if (node && node.name !== `${product.word} version${version}`) {
    throw new Error(`shows ${node.name} with the price of version ${version}`);
  }
  return { version, cache: answer.headers.get('x-cache'), headers: answer.headers };
}

let operations = 0;

/**
 * Puts the read into both grains, and sees to it that each of them answers from memory. Begins anew when it does not: word of an
 * earlier write may come in between, by a feed or from another gateway.
 */
export async function warm(gateway: ShopGateway, read: ShopRead, product: WrittenProduct): Promise<void> {
  let seen = '';
  const isWarm = async () => {
    await readVersion(gateway, read, product, 'Read');
    const asked = gateway.asked();
    const whole = await readVersion(gateway, read, product, 'Read');
    operations += 1;
    const parts = await readVersion(gateway, read, product, `Other${operations}`);
    const requests = gateway.asked() - asked;
    seen = `${whole.cache}, ${parts.cache}, ${requests} requests`;
    return whole.cache === 'hit; tier=memory' && parts.cache === 'miss; stored' && requests === 0;
  };
  await until(`${read.name} is warm`, isWarm).catch((cause: unknown) => {
    throw new Error(`not warm: ${seen}`, { cause });
  });
}

/**
 * What each grain shows now. The fetches are read first, by an operation that no response was kept of: else the
 * response would have loaded them anew.
 */
export async function versionsNow(
  gateway: ShopGateway,
  read: ShopRead,
  product: WrittenProduct,
): Promise<{ readonly fetches: number | undefined; readonly response: number | undefined }> {
  operations += 1;
  const fetches = await readVersion(gateway, read, product, `Now${operations}`);
  const response = await readVersion(gateway, read, product, 'Read');
  return { fetches: fetches.version, response: response.version };
}
