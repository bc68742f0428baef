import type { Browser, Page } from 'playwright-core';
import type { SchemaWorker } from '../../../schema/work/schemaWorker.js';
import { startBrowser } from '../../support/explorerPage.js';
import { describeReal } from '../../support/realParts.js';
import {
  productsSchema,
  type RegistryTester,
  reviewsSchema,
  startTestRegistry,
  startTestWorker,
  TOKENS,
} from '../../support/registryTester.js';

const OLD = 'price: Int @deprecated(reason: "use prices") weight: Int @deprecated(reason: "too heavy")';

describeReal('chromium', 'the page of the registry', () => {
  let worker: SchemaWorker;
  let browser: Browser;
  let registry: RegistryTester;

  beforeAll(async () => {
    worker = startTestWorker();
    browser = await startBrowser();
    registry = await startTestRegistry({ worker });
    await registry.publish({ name: 'products', schema: productsSchema() });
    await registry.publish({ name: 'products', schema: productsSchema(OLD) });
    await registry.publish({ name: 'reviews', schema: reviewsSchema() });
    await registry.publish({ name: 'products', schema: 'type Query { a: Missing }' });
    const now = new Date().toISOString();
    await registry.ask('gateway', '/v1/usage', {
      supergraph: '0'.repeat(64),
      from: now,
      to: now,
      dropped: 0,
      operations: [
        {
          id: 'a'.repeat(64),
          name: 'Page',
          kind: 'query',
          text: '{ product(id: 1) { price } }',
          client: { name: '<b>web</b>', version: '1' },
          count: 12,
          errors: 0,
          fields: ['Query.product', 'Product.price'],
          arguments: ['Query.product.id'],
          inputFields: [],
          enumValues: [],
        },
      ],
    });
    await registry.ask('products', '/v1/check', {
      subgraph: 'products',
      schema: productsSchema(),
      context: 'PR-9',
    });
  });
  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]();
    await browser?.close();
    await worker?.close();
  });

  /** Opens a view, and fails for whatever a page must never do. */
  async function open(view: string, look: (page: Page) => Promise<void>, at = registry): Promise<void> {
    const context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => {
      // The browser itself reports the 401 that makes the page ask for a token.
      if (message.type() === 'error' && !message.text().includes('401')) faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== 'data:' && origin !== at.url) faults.push(`asked ${request.url()}`);
    });
    try {
      await page.goto(`${at.url}/#${view}`);
      await page.getByLabel('Token').fill(TOKENS.reader);
      await page.getByRole('button', { name: 'Read' }).click();
      await page.locator('main[aria-busy="false"] h2').first().waitFor();
      await look(page);
      expect(faults).toEqual([]);
    } finally {
      await context.close();
    }
  }

  const rowsOf = async (page: Page, table: string) => {
    const rows = await page.getByRole('table', { name: table, exact: true }).locator('tbody tr').all();
    return Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
  };

  it('shows the graph that is served, and whose its subgraphs are', () =>
    open('graph', async (page) => {
      expect(await page.locator('h2').first().innerText()).toBe('Gateways get v3');
      expect((await rowsOf(page, 'Subgraphs')).map(([name, url, owners]) => [name, url, owners])).toEqual([
        ['products', 'http://products:4001/graphql', 'team-products'],
        ['reviews', 'http://reviews:4001/graphql', 'team-reviews'],
      ]);
      await page.getByText('What clients see').click();
      await page.locator('pre', { hasText: 'type Product' }).waitFor();
    }));

  it('shows versions, the refused one too, and what clients saw change', () =>
    open('versions', async (page) => {
      const rows = await rowsOf(page, 'Versions');
      expect(rows.map(([version]) => version?.trim())).toEqual(['v4', 'v3 served', 'v2', 'v1']);
      expect(rows[0]?.[4]).toMatch(/^refused: .*Missing/);
      await page.getByRole('row', { name: /^v2 / }).locator('summary').click();
      await page.getByText("safe: Field 'price' was added to object type 'Product'").waitFor();
    }));

  it('shows checks with whom they would hit, and takes no name of a client for HTML', () =>
    open('checks', async (page) => {
      const [row] = await rowsOf(page, 'Checks');
      expect(row?.slice(0, 4)).toEqual(['failed', 'products', 'PR-9', 'team-products']);
      await page.getByText('1 breaking of 2 changes').click();
      await page.getByText('(12 executions: <b>web</b> 1)').waitFor();
    }));

  it('shows how often each field is used, and what is deprecated and used by nobody', () =>
    open('usage', async (page) => {
      expect(await rowsOf(page, 'Deprecated, and used by nobody')).toEqual([
        ['Product.weight', '0', 'deprecated: too heavy'],
      ]);
      const usage = await rowsOf(page, 'Usage');
      expect(usage).toContainEqual(['Product.price', '12', 'deprecated: use prices']);
      expect(usage).toContainEqual(['Query.product.id', '12', '']);
      expect(usage).toContainEqual(['Product.name', '0', '']);
    }));

  it('asks for no token where reads are open, and forbids everything that comes from elsewhere', async () => {
    await using open = await startTestRegistry({ worker, config: { openReads: true } });
    const page = await browser.newPage();
    await page.goto(open.url);
    await page.getByText('Nothing was published yet.').waitFor();
    expect(await page.getByLabel('Token').isVisible()).toBe(false);
    await page.close();
    const { headers } = await open.ask('nobody', '/');
    const policy = headers.get('content-security-policy') as string;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });
});
