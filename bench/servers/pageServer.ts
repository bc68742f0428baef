import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '../../platform/logger.js';
import { pageAnswer, pageId, pageRequest } from '../cache/pages.js';

/**
 * What a hit of the response cache is measured by: plain `node:http` that reads the POST, finds the ready bytes in a
 * map by the text of the body, and sends them with as many headers of the same length as the gateway does.
 */
function main(keys: number, bytes: number): void {
  const answers = new Map<string, Buffer>();
  for (let index = 0; index < keys; index++) {
    const id = pageId(index, bytes);
    answers.set(pageRequest(id), pageAnswer(id));
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = answers.get(Buffer.concat(chunks).toString('latin1'));
      if (body === undefined) throw new Error('nobody foresaw this request');
      response.writeHead(200, {
        'x-request-id': '00000000-0000-4000-8000-000000000000',
        etag: '"AAAAAAAAAAAAAAAAAAAAAAAAAAA"',
        age: '1',
        'cache-control': 'public, max-age=0, must-revalidate',
        vary: 'accept, accept-encoding',
        'x-cache': 'hit; tier=memory',
        'content-type': 'application/json; charset=utf-8',
        'content-length': body.length,
      });
      response.end(body);
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    createLogger({ name: 'plain', format: 'json' }).info(
      { url: `http://127.0.0.1:${port}` },
      'the server answers',
    );
  });
  process.once('SIGTERM', () => process.exit());
}

main(Number(process.argv[2]), Number(process.argv[3]));
