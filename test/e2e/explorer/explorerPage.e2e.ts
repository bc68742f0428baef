import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { assetPath } from '../../../platform/readAsset.js';
import {
  buildExplorerPage,
  type ExplorerPage,
  openExplorer,
  startBrowser,
} from '../../support/explorerPage.js';
import { describeReal } from '../../support/realParts.js';
import { type Shop, startShop } from '../../support/startShop.js';
import { until } from '../../support/until.js';

const QUERY = `query Books {
  products(category: "books", first: 4) {
    edges {
      node {
        id
        name
        price { amountMinor currency }
        availability { inStock available }
      }
    }
  }
}`;

const SUBSCRIPTION =
  'subscription Stock { stockChanged(productId: "books-0111") { product { id } onHand available } }';
const RESTOCK = 'mutation { restock(productId: "books-0111", quantity: 1) { available } }';

/** The same for everybody: kept once for all. */
const forAll = { forwardIdentity: false };

describeReal('chromium', 'the explorer in a browser', () => {
  let browser: Browser;
  let shop: Shop;

  beforeAll(async () => {
    buildExplorerPage();
    [browser, shop] = await Promise.all([
      startBrowser(),
      startShop({
        config: {
          explorer: { enabled: true, trace: true },
          introspection: true,
          subgraphs: { byName: { products: forAll, inventory: forAll } },
        },
      }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await shop?.[Symbol.asyncDispose]();
  });

  const outcomes = ({ page }: ExplorerPage) => page.locator('.hg-outcome').allTextContents();

  it('shows the plan of a query and a miss; a hit when it runs again; a miss when its tag was purged', async () => {
    await using explorer = await openExplorer(browser, { url: shop.url, query: QUERY });
    const { page } = explorer;
    await explorer.run();
    expect(await outcomes(explorer)).toEqual(['miss', 'miss']);
    const names = await page.locator('.hg-fetch-name').allTextContents();
    expect(names[0]).toContain('products');
    expect(names[1]).toMatch(/inventory.*Product.*× 4/);
    await page.getByText('one after the other').waitFor();
    await page.getByText(/^Cacheable for \d+ s/).waitFor();
    await page.getByText(/runs out first/).waitFor();

    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByRole('heading', { name: 'Compared with the run before' }).waitFor();
    expect(await outcomes(explorer)).toEqual(['hit', 'hit']);

    await page.getByRole('button', { name: /inventory Product/ }).click();
    const left = page.locator('.hg-record .hg-record-line span').first();
    const before = await left.textContent();
    expect(before).toMatch(/^\d+ s left$/);
    await until('the time that is left has become less', async () => (await left.textContent()) !== before);

    await page.getByRole('button', { name: 'Purge subgraph:inventory' }).click();
    await page.getByText(/^Purged subgraph:inventory: \d+ from memory\. Ran the query again\.$/).waitFor();
    await page.locator('.hg-is-miss').waitFor();
    expect(await outcomes(explorer)).toEqual(['hit', 'miss']);
    expect(await page.locator('.hg-changed').allTextContents()).toEqual([
      expect.stringMatching(/^inventory Producthit, .*miss, .*/),
    ]);
    await page
      .getByText(/Last purged .* by operator, as/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: /inventory Product/ }).click();
    await screenshot(explorer, 'explorer');
    expect(explorer.faults).toEqual([]);
  });

  it.each(['WebSocket', 'SSE'])(
    'shows each event of a subscription as it comes, over %s',
    async (transport) => {
      await using explorer = await openExplorer(browser, { url: shop.url, query: SUBSCRIPTION });
      const { page } = explorer;
      await page.getByText('Settings', { exact: true }).click();
      await page.getByLabel('Subscriptions travel over').selectOption(transport);
      await page.locator('.graphiql-execute-button').click();
      await page.getByText(`Listening · 0 events over ${transport}`).waitFor();
      const events = page.locator('.hg-live li');
      for (const count of [1, 2]) {
        // What is written before the gateway has subscribed is no event of the subscription.
        while ((await events.count()) < count) {
          await shop.ask(RESTOCK);
          await events
            .nth(count - 1)
            .waitFor({ timeout: 2_000 })
            .catch(() => undefined);
        }
      }
      expect(await events.first().textContent()).toContain('"id":"books-0111"');
      await page.locator('.result-window').getByText('"stockChanged"').waitFor();
      await page.locator('.graphiql-execute-button').click();
      await page.getByText(/^Ended/).waitFor();
      expect(explorer.faults).toEqual([]);
    },
  );

  it('never runs a mutation again when something is purged', async () => {
    const query = 'mutation { restock(productId: "books-0221", quantity: 1) { onHand product { name } } }';
    await using explorer = await openExplorer(browser, { url: shop.url, query });
    const { page } = explorer;
    const onHand = async () =>
      (await shop.ask('{ stock(productId: "books-0221") { onHand } }')).data as {
        stock: { onHand: number };
      };
    await explorer.run();
    const before = await onHand();
    await page.getByRole('button', { name: /products Product/ }).click();
    await page.getByRole('button', { name: 'Purge subgraph:products' }).click();
    await page.getByText(/What is written is no query: it was not run again\.$/).waitFor();
    expect(await onHand()).toEqual(before);
    expect(explorer.faults).toEqual([]);
  });

  it('is used by keyboard alone', async () => {
    await using explorer = await openExplorer(browser, { url: shop.url, query: QUERY });
    const { page } = explorer;
    await page.locator('.graphiql-query-editor .view-lines').click();
    await page.keyboard.press('Control+Enter');
    const line = page.getByRole('button', { name: /inventory Product/ });
    await line.waitFor();
    expect(await line.getAttribute('aria-expanded')).toBe('false');
    await page.getByRole('button', { name: 'Run again' }).focus();
    for (let steps = 0; steps < 10; steps++) {
      await page.keyboard.press('Tab');
      if (await page.locator(':focus').and(line).count()) break;
    }
    await page.keyboard.press('Enter');
    expect(await line.getAttribute('aria-expanded')).toBe('true');
    await page.getByRole('list', { name: 'Records of the cache' }).waitFor();
    expect(explorer.faults).toEqual([]);
  });

  it('fits on a phone', async () => {
    await using explorer = await openExplorer(browser, {
      url: shop.url,
      query: QUERY,
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
      hasTouch: true,
      deviceScaleFactor: 2,
    });
    const { page } = explorer;
    await explorer.run();
    await page.getByRole('button', { name: /inventory Product/ }).click();
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);
    await page.locator('.hg-summary').scrollIntoViewIfNeeded();
    await screenshot(explorer, 'explorer-phone');
    expect(explorer.faults).toEqual([]);
  });

  it('takes a query from a link, and makes one', async () => {
    const query = '{ categories }';
    await using explorer = await openExplorer(browser, { url: shop.url, query });
    const { page } = explorer;
    await page.locator('.graphiql-query-editor').getByText('categories').waitFor();
    await page.getByRole('button', { name: /Copy a link/ }).click();
    await page.getByText('The link is on the clipboard.').waitFor();
    const link = new URL(await page.evaluate<string>('navigator.clipboard.readText()'));
    expect(`${link.origin}${link.pathname}`).toBe(`${shop.url}/graphiql`);
    expect(new URLSearchParams(link.hash.slice(1)).get('query')).toBe(query);
    expect(explorer.faults).toEqual([]);
  });

  it('copies the operation as curl, and what it copies works', async () => {
    await using explorer = await openExplorer(browser, { url: shop.url, query: QUERY });
    const { page } = explorer;
    await explorer.run();
    await page.getByRole('button', { name: 'Copy as curl', exact: true }).click();
    await page.getByText('The curl command is on the clipboard.').waitFor();
    const read = () => page.evaluate<string>('navigator.clipboard.readText()');
    expect(await runInShell(await read())).toMatchObject({
      data: { products: { edges: expect.any(Array) } },
    });
    await page.getByRole('button', { name: 'Copy as curl, GET by id' }).click();
    await page.getByText('The curl command for a GET with the id is on the clipboard.').waitFor();
    const get = await read();
    expect(get).not.toContain('amountMinor');
    expect(await runInShell(get)).toMatchObject({ data: { products: { edges: expect.any(Array) } } });
    expect(explorer.faults).toEqual([]);
  });
});

async function runInShell(command: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)('sh', ['-c', command]);
  return JSON.parse(stdout);
}

/** For the README: `HEADGATE_SCREENSHOTS=1 npx jest test/e2e/explorer` writes them anew. */
async function screenshot({ page }: ExplorerPage, name: string): Promise<void> {
  if (process.env['HEADGATE_SCREENSHOTS'] !== '1') return;
  // The pointer is not part of the picture.
  await page.mouse.move(1, 1);
  await page.screenshot({ path: assetPath(`docs/images/${name}.png`), animations: 'disabled' });
}
