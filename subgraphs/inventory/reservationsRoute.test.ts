import { silentLogger } from '../../platform/logger.js';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { createHttpStockReservations } from '../orders/stock/httpStockReservations.js';
import { startInventory } from './index.js';
import { MAX_HOLD_MS } from './reservations.js';

const TOKEN = 'worker-token-of-the-test';
const NOW = new Date('2026-03-01T12:00:00Z');
const RESTOCK = 'mutation ($id: ID!) { restock(productId: $id, quantity: 5) { onHand } }';

onBothDatabases('what order workers ask of inventory', (_open, newUri) => {
  async function open(workerToken: string | undefined = TOKEN) {
    const inventory = await startInventory({
      port: 0,
      database: { uri: newUri() },
      feedToken: 'feed-token',
      identitySecret: 'secret',
      workerToken,
      logger: silentLogger(),
      clock: () => NOW,
    });
    const post = (path: string, body: object, headers: Record<string, string> = {}) =>
      fetch(`${inventory.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
    for (const id of ['books-0001', 'toys-0001']) {
      await post('/graphql', { query: RESTOCK, variables: { id } });
    }
    async function levels(id: string): Promise<{ onHand: number; available: number }> {
      const answer = await post('/graphql', {
        query: 'query ($id: ID!) { stock(productId: $id) { onHand available } }',
        variables: { id },
      });
      return ((await answer.json()) as { data: { stock: { onHand: number; available: number } } }).data.stock;
    }
    const ask = (body: object, token = TOKEN) =>
      post('/internal/reservations', body, { authorization: `Bearer ${token}` });
    const stock = createHttpStockReservations({ url: inventory.url, workerToken: TOKEN });
    return {
      inventory,
      ask,
      levels,
      stock,
      async close() {
        await stock.close();
        await inventory.close();
      },
    };
  }
  const LINES = [
    { productId: 'books-0001', quantity: 2 },
    { productId: 'toys-0001', quantity: 6 },
  ];
  const UNTIL = new Date(NOW.getTime() + 60_000);

  it('reserves each line once, and tells which are short', async () => {
    const { stock, levels, close } = await open();
    expect(await stock.reserve('order', LINES, UNTIL)).toEqual(['held', 'short']);
    expect(await stock.reserve('order', LINES, UNTIL)).toEqual(['held', 'short']);
    expect(await levels('books-0001')).toEqual({ onHand: 5, available: 3 });
    expect(await levels('toys-0001')).toEqual({ onHand: 5, available: 5 });
    await close();
  });

  it('commits what is held, and takes back even that', async () => {
    const { stock, levels, close } = await open();
    const lines = LINES.map((line) => ({ ...line, quantity: 2 }));
    await stock.reserve('order', lines, UNTIL);
    expect(await stock.commit('order', lines)).toEqual([true, true]);
    expect(await stock.commit('order', lines)).toEqual([true, true]);
    expect(await levels('books-0001')).toEqual({ onHand: 3, available: 3 });
    await Promise.all([stock.release('order', lines), stock.release('order', lines)]);
    expect(await levels('books-0001')).toEqual({ onHand: 5, available: 5 });
    expect(await levels('toys-0001')).toEqual({ onHand: 5, available: 5 });
    // Nobody who was late commits it again.
    expect(await stock.commit('order', lines)).toEqual([false, false]);
    await close();
  });

  it('forbids a reservation that comes after its release', async () => {
    const { stock, levels, close } = await open();
    await stock.release('order', LINES);
    expect(await stock.reserve('order', LINES, UNTIL)).toEqual(['over', 'over']);
    expect(await levels('books-0001')).toEqual({ onHand: 5, available: 5 });
    await close();
  });

  it('is for those who have the token, and is not there where none is configured', async () => {
    const body = { action: 'release', reservationId: 'order', lines: LINES };
    const { ask, close } = await open();
    expect((await ask(body)).status).toBe(200);
    for (const token of ['', 'another-token-of-a-test', `${TOKEN} `.repeat(2)]) {
      expect((await ask(body, token)).status).toBe(401);
    }
    await close();
    const closed = await startInventory({
      port: 0,
      database: { uri: newUri() },
      feedToken: 'feed-token',
      identitySecret: 'secret',
      logger: silentLogger(),
    });
    const response = await fetch(`${closed.url}/internal/reservations`, {
      method: 'POST',
      headers: { authorization: 'Bearer undefined' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(404);
    await closed.close();
  });

  it.each([
    ['no JSON object', []],
    ['another action', { action: 'sell', reservationId: 'order', lines: LINES }],
    ['no lines', { action: 'commit', reservationId: 'order', lines: [] }],
    ['half a unit', { action: 'commit', reservationId: 'o', lines: [{ productId: 'a', quantity: 0.5 }] }],
    [
      'a deadline that is too far away',
      {
        action: 'reserve',
        reservationId: 'order',
        lines: LINES,
        expiresAt: new Date(NOW.getTime() + MAX_HOLD_MS + 1).toISOString(),
      },
    ],
  ])('refuses %s', async (_what, body) => {
    const { ask, close } = await open();
    expect((await ask(body)).status).toBe(400);
    await close();
  });
});
