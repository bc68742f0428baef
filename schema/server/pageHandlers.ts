import { readAsset } from '../../platform/readAsset.js';
import type { Route, Routes } from './routes.js';

/** Nothing from elsewhere, no script in the page itself, nobody around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page of the registry, as it stands in `schema/web`. What it shows, it asks for with the reader's own token. */
export function createPageHandlers(): Routes {
  return {
    'GET /': file('index.html', 'text/html'),
    'GET /page.css': file('page.css', 'text/css'),
    'GET /page.js': file('page.js', 'text/javascript'),
  };
}

function file(name: string, contentType: string): Route {
  const body = Buffer.from(readAsset(`schema/web/${name}`));
  return (_request, response) => {
    response.writeHead(200, {
      'content-type': `${contentType}; charset=utf-8`,
      'content-length': body.length,
      'content-security-policy': POLICY,
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    response.end(body);
  };
}
