import { readFileSync } from 'node:fs';
import { codeBlocks } from '../test/support/codeBlocks.js';
import { startGatewayTester } from '../test/support/gatewayTester.js';
import { namesSubgraph } from '../test/support/namesSubgraph.js';
import * as apollo from './apolloExample.js';
import * as plain from './fetchExample.js';
import * as urql from './urqlExample.js';

describe.each([
  ['Apollo Client', 'apolloExample.ts', apollo],
  ['urql', 'urqlExample.ts', urql],
  ['anything else', 'fetchExample.ts', plain],
])('the example for %s in docs/clients.md', (_name, file, example) => {
  it('is the one that is compiled here', () => {
    const documented = codeBlocks('docs/clients.md', 'ts').map((block) =>
      block.replaceAll("from './headgate/", "from './"),
    );
    expect(documented).toContain(readFileSync(`${__dirname}/${file}`, 'utf8'));
  });

  it('reads what it wrote', async () => {
    await using gateway = await startGatewayTester({ subgraphs: [namesSubgraph('shop')] });
    expect(await example.renameAndRead(gateway.url)).toBe('Boot');
  });
});
