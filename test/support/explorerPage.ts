import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { assetPath } from '../../platform/readAsset.js';
import { findBinary } from './findBinary.js';

/** Longer than anything takes on a busy machine. */
const PATIENCE_MS = 60_000;

/** Builds the page unless it is there already, by a process of its own as `npm run build` does. */
export function buildExplorerPage(): void {
  execFileSync(
    process.execPath,
    ['--require', path.join(__dirname, 'runTypescript.cjs'), assetPath('gateway/explorer/build/main.ts')],
    { stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000 },
  );
}

export function startBrowser(): Promise<Browser> {
  const executablePath = findBinary('CHROMIUM_BINARY', ['chromium', 'chromium-browser', 'google-chrome']);
  if (executablePath === undefined) throw new Error('there is no chromium');
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

export interface ExplorerPage extends AsyncDisposable {
  readonly page: Page;
  /** What should never be: errors on the console, requests that failed, requests to anywhere else. */
  readonly faults: readonly string[];
  /** Runs what is in the editor, and waits for the answer to show in the panel. */
  run(): Promise<void>;
}

export interface ExplorerPageOptions extends BrowserContextOptions {
  /** `http://host:port` of the gateway. */
  readonly url: string;
  readonly query?: string;
}

/** The explorer of a gateway in a browser profile of its own, ready to run. */
export async function openExplorer(browser: Browser, options: ExplorerPageOptions): Promise<ExplorerPage> {
  const { url, query, ...contextOptions } = options;
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...contextOptions,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'blob:' && protocol !== 'data:' && origin !== url) faults.push(`asked ${request.url()}`);
  });
  await page.goto(`${url}/graphiql${query === undefined ? '' : `#${new URLSearchParams({ query })}`}`);
  await page.locator('.graphiql-execute-button:enabled').waitFor();
  await page
    .locator('.graphiql-query-editor .monaco-editor textarea, .graphiql-query-editor .native-edit-context')
    .first()
    .waitFor({ state: 'attached' });
  return {
    page,
    faults,
    async run() {
      const before = await page.locator('.hg-panel').getAttribute('data-run');
      await page.locator('.graphiql-execute-button').click();
      await page.locator(`.hg-panel:not([data-run="${before}"])`).waitFor();
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}
