import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import {
  buildExplorerPage,
  type ExplorerPage,
  type ExplorerPageOptions,
  openExplorer,
  startBrowser,
} from '../../support/explorerPage.js';
import { federationLink } from '../../support/federationLink.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { describeReal } from '../../support/realParts.js';

const ROWS = 20_000;
const TEXT = 'x'.repeat(250);
const TOKENS = { explorer: 'token-of-the-explorer', admin: 'token-of-the-operators' };

/** Answers more than 5 MB. */
const rows = {
  name: 'rows',
  typeDefs: `${federationLink('@key')}
    type Query { rows: [Row!]! }
    type Row { number: Int! text: String! }`,
  resolvers: {
    Query: {
      rows(_: unknown, _arguments: unknown, { setHeader }: { setHeader(name: string, value: string): void }) {
        setHeader('cache-control', 'max-age=60');
        return Array.from({ length: ROWS }, (_row, number) => ({ number, text: TEXT }));
      },
    },
  },
};

describeReal('chromium', 'the explorer at its limits', () => {
  let browser: Browser;
  let guarded: GatewayTester;

  const open = (options: Partial<ExplorerPageOptions> = {}): Promise<ExplorerPage> =>
    openExplorer(browser, {
      url: new URL(guarded.url).origin,
      query: '{ rows { number text } }',
      acceptDownloads: true,
      ...options,
    });

  beforeAll(async () => {
    buildExplorerPage();
    [browser, guarded] = await Promise.all([
      startBrowser(),
      startGatewayTester({
        subgraphs: [rows],
        config: {
          admin: { port: 0, token: TOKENS.admin },
          explorer: { enabled: true, trace: true, token: TOKENS.explorer },
          introspection: false,
        },
      }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await guarded?.[Symbol.asyncDispose]();
  });

  it('stays usable with a result of 5 MB, shown shortened, and gives all of it', async () => {
    await using explorer = await open();
    const { page } = explorer;
    await explorer.run();
    await page.getByText(/^This result has 5\.\d MB and is shown shortened\.$/).waitFor();
    // The page answers while the result is there: a setting opens, and what is typed appears.
    await page.getByRole('checkbox', { name: 'Trace' }).uncheck();
    await page.locator('.graphiql-query-editor .view-lines').click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('# typed ');
    await page.locator('.graphiql-query-editor').getByText('# typed').waitFor();
    const lines = await page.locator('.result-window .view-line').count();
    expect(lines).toBeLessThan(200);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    const saved = JSON.parse(await readFile(await download.path(), 'utf8')) as { data: { rows: unknown[] } };
    expect(saved.data.rows).toHaveLength(ROWS);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByText(/is shown shortened/).waitFor({ state: 'detached' });
    await page.locator('.result-window .view-lines').click();
    await page.keyboard.press('Control+End');
    await page
      .locator('.result-window')
      .getByText(String(ROWS - 1))
      .waitFor();
    expect(explorer.faults).toEqual([]);
  });

  it('shows schema and plan to who has the token, and lets purge who has that of the operators', async () => {
    await using explorer = await open();
    const { page } = explorer;
    await explorer.run();
    await page.getByText(/the explorer token is missing or wrong/).waitFor();
    expect(await page.locator('.hg-outcome').count()).toBe(0);

    await page.getByLabel('Explorer token, for traces and the schema').fill(TOKENS.explorer);
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByRole('button', { name: /rows/ }).click();
    await page.getByText('subgraph:rows').waitFor();
    expect(await page.getByRole('button', { name: /^Purge/ }).count()).toBe(0);

    await page.getByLabel('Admin token, for purging').fill('not-that-of-the-operators');
    await page.getByRole('button', { name: 'Purge subgraph:rows' }).click();
    await page.getByText('Not purged: this is not the admin token').waitFor();
    await page.getByLabel('Admin token, for purging').fill(TOKENS.admin);
    await page.getByRole('button', { name: 'Purge subgraph:rows' }).click();
    await page.getByText(/^Purged subgraph:rows: \d+ from memory/).waitFor();

    await page.getByRole('button', { name: /Documentation Explorer/ }).click();
    await page.locator('.graphiql-doc-explorer-root-type, .graphiql-doc-explorer-content').first().waitFor();
    await page.getByText('Query', { exact: true }).first().waitFor();
    // The browser notes the refusal that was provoked.
    expect(explorer.faults).toEqual([expect.stringContaining('401')]);
  });
});
