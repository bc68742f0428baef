import { createHash } from 'node:crypto';
import { startTestProducts, type TestProducts } from '../../test/support/startTestProducts.js';
import { sampleImageName } from './sampleImage.js';
import { sampleProducts } from './sampleProducts.js';

describe('the pictures of sample products', () => {
  let products: TestProducts;
  let url: string;
  beforeAll(async () => {
    products = await startTestProducts();
    url = `${products.url}/images/${sampleImageName(sampleProducts()[0] as never)}`;
  });
  afterAll(() => products[Symbol.asyncDispose]());

  it('may be kept for a year, and can run nothing', async () => {
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'image/svg+xml; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
    });
    expect(await response.text()).toMatch(/^<svg .*<\/svg>$/s);
  });

  it('are named after their content', async () => {
    const body = Buffer.from(await (await fetch(url)).arrayBuffer());
    const hash = createHash('sha256').update(body).digest('hex');
    expect(hash.startsWith(/images\/([0-9a-f]{16})\.svg$/.exec(url)?.[1] as string)).toBe(true);
  });

  it('are not sent again to a browser that has them', async () => {
    const etag = (await fetch(url)).headers.get('etag') as string;
    const again = await fetch(url, { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    const other = await fetch(url, { headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
  });

  it('give only their headers to HEAD', async () => {
    const response = await fetch(url, { method: 'HEAD' });
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100);
    expect(await response.text()).toBe('');
  });

  it('are absent under other names, and that is not to be kept', async () => {
    const response = await fetch(`${products.url}/images/0000000000000000.svg`);
    expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'no-store']);
  });

  it('can only be read', async () => {
    const response = await fetch(url, { method: 'POST' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});
