import { sampleStock } from '../../../subgraphs/inventory/sampleStock.js';
import { sampleOrders } from '../../../subgraphs/orders/sampleOrders.js';
import { sampleProducts } from '../../../subgraphs/products/sampleProducts.js';
import { describeShop } from '../../support/describeShop.js';

const PRODUCTS = new Map(sampleProducts().map((product) => [product.id, product]));
const AVAILABLE = new Map(sampleStock(new Date()).map(({ _id, available }) => [_id, available]));

const availabilityOf = (productId: string) => {
  const available = AVAILABLE.get(productId) ?? 0;
  return { available, inStock: available > 0 };
};

describeShop('a query across subgraphs', (shop) => {
  it('answers a product page: the product from one, its availability from another', async () => {
    const { data, errors } = await shop().ask(`{
      product(id: "books-0001") {
        __typename id sku name description category price { amountMinor currency } version
        availability { inStock available }
      }
    }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      product: {
        __typename: 'Product',
        id: 'books-0001',
        sku: 'BOO-00001',
        name: 'Winter Atlas',
        description:
          'Richly illustrated and easy to read: “Winter Atlas” is the book to lend to friends and never get back. 448 pages.',
        category: 'books',
        price: { amountMinor: 3900, currency: 'EUR' },
        version: 1,
        availability: { inStock: true, available: 16 },
      },
    });
  });

  it('answers what I bought, what it is, and whether there is more of it: orders, products and inventory', async () => {
    const { data, errors } = await shop().askAs(
      'ada',
      `{
        me { id orders(first: 100) { edges { node {
          id status placedAt total { amountMinor currency }
          items { quantity unitPrice { amountMinor } product { name category availability { inStock available } } }
        } } } }
      }`,
    );
    expect(errors).toBeUndefined();
    const expected = sampleOrders(shop().openedAt)
      .filter(({ customerId }) => customerId === 'ada')
      .sort((a, b) => b.placedAt.getTime() - a.placedAt.getTime())
      .map(({ _id: id, status, placedAt, total, items }) => ({
        id,
        status,
        placedAt: placedAt.toISOString(),
        total,
        items: items.map(({ productId, quantity, unitPrice: { amountMinor } }) => {
          const { name, category } = PRODUCTS.get(productId) ?? {};
          return {
            quantity,
            unitPrice: { amountMinor },
            product: { name, category, availability: availabilityOf(productId) },
          };
        }),
      }));
    expect(expected).toHaveLength(40);
    expect(data.me.id).toBe('ada');
    expect(data.me.orders.edges.map(({ node }: { node: unknown }) => node)).toEqual(expected);
  });

  it('answers a search with what of it can be had', async () => {
    const { data, errors } = await shop().ask(
      `query Search($text: String!) {
        searchProducts(text: $text, category: "books", first: 50) {
          edges { node { id name availability { inStock available } } } pageInfo { hasNextPage }
        }
      }`,
      { text: 'ÁTLAS' },
    );
    expect(errors).toBeUndefined();
    const expected = [...PRODUCTS.values()]
      .filter(({ category, name }) => category === 'books' && /\batlas/i.test(name))
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
      .map(({ id, name }) => ({ node: { id, name, availability: availabilityOf(id) } }));
    expect(expected.length).toBeGreaterThan(5);
    expect(data.searchProducts).toEqual({ edges: expected, pageInfo: { hasNextPage: false } });
  });

  it('answers under the names that the client gave, as often as it asked', async () => {
    const { data, errors } = await shop().ask(`
      query Twice { first: product(id: "toys-0007") { ...Seen } again: product(id: "toys-0007") { ...Seen } }
      fragment Seen on Product { title: name stock: availability { left: available } }
    `);
    expect(errors).toBeUndefined();
    const seen = { title: PRODUCTS.get('toys-0007')?.name, stock: { left: AVAILABLE.get('toys-0007') } };
    expect(data).toEqual({ first: seen, again: seen });
  });
});
