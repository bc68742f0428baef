import type { RequestHandler } from '../../platform/http/httpServer.js';
import { sendJson } from '../../platform/http/sendJson.js';
import { sampleImageName, sampleImageSvg } from './sampleImage.js';
import { type SampleProduct, sampleProducts } from './sampleProducts.js';

const IMMUTABLE = 'public, max-age=31536000, immutable';

/**
 * Serves the pictures of the sample products under `/images/<hash of the content>.svg`. The name changes with the
 * content, so what is behind a name never does, and browsers and CDNs may keep it for ever.
 */
export function createImageHandler(): RequestHandler {
  // The pictures are drawn when asked for: their names take a few milliseconds once, all of them would take megabytes.
  let byName: Map<string, SampleProduct> | undefined;
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return sendJson(response, 405, { errors: [{ message: 'Pictures can only be read.' }] });
    }
    byName ??= new Map(sampleProducts().map((product) => [sampleImageName(product), product]));
    const name = (request.url ?? '').split('?', 1)[0]?.slice('/images/'.length) ?? '';
    const product = byName.get(name);
    if (product === undefined) {
      response.setHeader('cache-control', 'no-store');
      return sendJson(response, 404, { errors: [{ message: 'There is no such picture.' }] });
    }
    const etag = `"${name.slice(0, name.indexOf('.'))}"`;
    response.setHeader('cache-control', IMMUTABLE);
    response.setHeader('etag', etag);
    if (matches(request.headers['if-none-match'], etag)) {
      response.writeHead(304).end();
      return;
    }
    const body = Buffer.from(sampleImageSvg(product));
    response.writeHead(200, {
      'content-type': 'image/svg+xml; charset=utf-8',
      'content-length': body.length,
      // An SVG that is opened by itself is a document: it must not be able to run anything.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '')
    .split(',')
    .map((part) => part.trim().replace(/^W\//, ''))
    .some((part) => part === etag || part === '*');
}
