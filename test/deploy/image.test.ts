import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { assetPath } from '../../platform/readAsset.js';

const run = promisify(execFile);

async function healthcheck(url: string): Promise<number> {
  return run(process.execPath, [assetPath('deploy/healthcheck.mjs'), url]).then(
    () => 0,
    ({ code }: { code: number }) => code,
  );
}

describe('the health check of the image', () => {
  it.each([
    [200, 0],
    [503, 1],
  ])('answers a status of %i with the exit code %i', async (status, code) => {
    const server = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await healthcheck(`http://127.0.0.1:${port}/health/ready`)).toBe(code);
    await new Promise((resolve) => server.close(resolve));
    expect(await healthcheck(`http://127.0.0.1:${port}/health/ready`)).toBe(1);
  });
});

describe('Dockerfile', () => {
  const stages = readFileSync(assetPath('Dockerfile'), 'utf8')
    .split(/^FROM /m)
    .slice(1);
  const last = stages.at(-1) ?? '';

  it('ends in a stage with no package that only the build needs, run by a user without rights', () => {
    expect(stages).toHaveLength(3);
    for (const stage of stages) expect(stage).toMatch(/^node:24-slim/);
    expect(last).toContain('COPY --from=packages /app/node_modules');
    expect(stages[1]).toContain('npm ci --omit=dev --ignore-scripts');
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK .*"node", "deploy\/healthcheck\.mjs"/m);
  });

  it('takes along every file that the program reads from its package', () => {
    for (const file of [
      'schema/supergraph.graphql',
      ...['products', 'inventory', 'orders'].map((name) => `subgraphs/${name}/typeDefs.graphql`),
    ]) {
      expect(last).toContain(`COPY ${file} `);
    }
  });
});
