import { sampleOrders } from '../../../subgraphs/orders/sampleOrders.js';
import { sampleProducts } from '../../../subgraphs/products/sampleProducts.js';
import type { Clock } from '../../../subgraphs/shared/clock.js';
import { describeShop } from '../../support/describeShop.js';
import type { GraphqlAnswer } from '../../support/graphqlClient.js';

interface Connection {
  readonly edges: readonly { readonly node: { readonly id: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const PAGE = 'edges { node { id } } pageInfo { hasNextPage endCursor }';
const clock: Clock = () => new Date('2026-03-01T12:00:00Z');

describeShop(
  'reading a list page by page',
  (shop) => {
    async function walk(
      query: string,
      connectionOf: (data: GraphqlAnswer['data']) => Connection,
      customer = 'nobody',
    ): Promise<{ ids: string[]; pages: number }> {
      const ids: string[] = [];
      let after: string | null = null;
      for (let pages = 1; ; pages++) {
        const { data, errors }: GraphqlAnswer = await shop().askAs(customer, query, { after });
        expect(errors).toBeUndefined();
        const { edges, pageInfo } = connectionOf(data);
        ids.push(...edges.map(({ node }) => node.id));
        if (!pageInfo.hasNextPage) return { ids, pages };
        expect(pageInfo.endCursor).not.toBe(after);
        after = pageInfo.endCursor;
      }
    }

    const garden = sampleProducts().filter(({ category }) => category === 'garden');

    it.each([
      ['NAME_ASC', (a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()) || compare(a.id, b.id)],
      ['PRICE_ASC', (a, b) => a.amountMinor - b.amountMinor || compare(a.id, b.id)],
      ['PRICE_DESC', (a, b) => b.amountMinor - a.amountMinor || compare(b.id, a.id)],
      ['NEWEST', (a, b) => b.createdAt.getTime() - a.createdAt.getTime() || compare(b.id, a.id)],
    ] as readonly [string, (a: (typeof garden)[number], b: (typeof garden)[number]) => number][])(
      'meets every product of a category once, in the order %s',
      async (sort, order) => {
        const { ids, pages } = await walk(
          `query Page($after: String) { products(category: "garden", sort: ${sort}, first: 30, after: $after) { ${PAGE} } }`,
          (data) => data.products,
        );
        expect(ids).toEqual([...garden].sort(order).map(({ id }) => id));
        expect(pages).toBe(9);
      },
    );

    it('meets every product of the shop once', async () => {
      const { ids, pages } = await walk(
        `query Page($after: String) { products(sort: PRICE_ASC, first: 100, after: $after) { ${PAGE} } }`,
        (data) => data.products,
      );
      expect(pages).toBe(30);
      expect(new Set(ids).size).toBe(3_000);
      expect(ids).toHaveLength(3_000);
    });

    it('meets every product that a search finds once, and stops at a last page that is full', async () => {
      const { ids, pages } = await walk(
        `query Page($after: String) {
          searchProducts(text: "gar 0001", category: "garden", first: 5, after: $after) { ${PAGE} }
        }`,
        (data) => data.searchProducts,
      );
      expect([...ids].sort()).toEqual(Array.from({ length: 10 }, (_, index) => `garden-001${index}`));
      expect(pages).toBe(2);
    });

    it('meets every one of my orders once, newest first', async () => {
      const mine = sampleOrders(shop().openedAt).filter(({ customerId }) => customerId === 'linus');
      const { ids, pages } = await walk(
        `query Page($after: String) { me { orders(first: 7, after: $after) { ${PAGE} } } }`,
        (data) => data.me.orders,
        'linus',
      );
      expect(ids).toEqual(
        mine.sort((a, b) => b.placedAt.getTime() - a.placedAt.getTime()).map(({ _id }) => _id),
      );
      expect(pages).toBe(6);
    });
  },
  { clock },
);

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
