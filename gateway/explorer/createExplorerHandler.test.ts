import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSchema } from 'graphql';
import { type HttpServer, listen } from '../../platform/http/httpServer.js';
import { silentLogger } from '../../platform/logger.js';
import { createExplorerHandler } from './createExplorerHandler.js';
import type { ExplorerSettings } from './explorerSettings.js';

const TOKEN = 'token-of-the-explorer';
const OPEN: ExplorerSettings = {
  introspection: true,
  trace: 'open',
  purge: 'open',
  identityHeader: undefined,
};

describe('the handler of the explorer', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'explorer-'));
  const servers: HttpServer[] = [];

  beforeAll(() => {
    mkdirSync(path.join(folder, 'assets'));
    writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>page</title>');
    writeFileSync(path.join(folder, 'assets', 'index-abc.js'), 'export {}');
    writeFileSync(path.join(folder, 'assets', 'index-abc.js.gz'), 'compressed');
    writeFileSync(path.join(folder, 'secret.js'), 'not for anybody');
    writeFileSync(path.join(folder, 'sources.sha256'), 'not for anybody');
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    rmSync(folder, { recursive: true });
  });

  async function serve(settings: ExplorerSettings = OPEN, from = folder): Promise<string> {
    const server = await listen({
      port: 0,
      logger: silentLogger(),
      handler: createExplorerHandler({
        config: { enabled: true, trace: true, token: TOKEN },
        settings,
        apiSchema: () => buildSchema('type Query { hidden: Int }'),
        purge: (_request, response) => void response.end('purged'),
        folder: from,
      }),
    });
    servers.push(server);
    return `${server.url}/graphiql`;
  }

  it('lets the page load from this origin alone, and no other page frame it', async () => {
    const response = await fetch(await serve());
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
  });

  it('lets browsers keep for ever what has its hash in its name', async () => {
    const url = await serve();
    const response = await fetch(`${url}/assets/index-abc.js`, {
      headers: { 'accept-encoding': 'identity' },
    });
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await response.text()).toBe('export {}');
  });

  it('sends what was compressed to those who take it', async () => {
    const url = await serve();
    const head = await fetch(`${url}/assets/index-abc.js`, {
      method: 'HEAD',
      headers: { 'accept-encoding': 'br, gzip' },
    });
    expect(head.headers.get('content-encoding')).toBe('gzip');
    expect(head.headers.get('vary')).toBe('accept-encoding');
    const refused = await fetch(`${url}/assets/index-abc.js`, {
      method: 'HEAD',
      headers: { 'accept-encoding': 'gzip;q=0' },
    });
    expect(refused.headers.get('content-encoding')).toBeNull();
  });

  it.each([
    'secret.js',
    'sources.sha256',
    'assets/../secret.js',
    'assets/%2e%2e/secret.js',
    'assets/none.js',
    'assets/',
  ])('has no %s', async (name) => {
    const response = await fetch(`${await serve()}/${name}`);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('not for anybody');
  });

  it('says that the page is being built, and has the browser look again', async () => {
    const response = await fetch(await serve(OPEN, path.join(folder, 'none')));
    expect(response.status).toBe(503);
    expect(response.headers.get('refresh')).toBe('2');
    expect(await response.text()).toContain('npm run build');
  });

  it('refuses other methods', async () => {
    const response = await fetch(await serve(), { method: 'POST' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const read = await fetch(`${await serve()}/purge`);
    expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('gives the schema to everybody where introspection is on', async () => {
    expect(await (await fetch(`${await serve()}/schema.graphql`)).text()).toContain('hidden: Int');
  });

  it('gives the schema only to the token where introspection is off', async () => {
    const url = `${await serve({ ...OPEN, introspection: false })}/schema.graphql`;
    const ask = async (headers: Record<string, string>) => {
      const response = await fetch(url, { headers });
      return { status: response.status, isShown: (await response.text()).includes('hidden') };
    };
    expect(await ask({})).toEqual({ status: 401, isShown: false });
    expect(await ask({ 'headgate-explorer-token': `${TOKEN}x` })).toEqual({ status: 401, isShown: false });
    expect(await ask({ 'headgate-explorer-token': TOKEN })).toEqual({ status: 200, isShown: true });
  });

  it('tells the page no token', async () => {
    const settings = await (await fetch(`${await serve()}/settings.json`)).text();
    expect(settings).not.toContain(TOKEN);
  });
});
