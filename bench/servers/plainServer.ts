import { listen } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { createLogger, silentLogger } from '../../platform/logger.js';

/** Reads a POST body and sends the same bytes each time: what `node:http` costs with nothing behind it. */
async function main(bytes: number): Promise<void> {
  const body = Buffer.from(JSON.stringify({ data: 'x'.repeat(bytes) }));
  const server = await listen({
    port: 0,
    logger: silentLogger(),
    async handler(request, response) {
      await readBody(request, 1_000_000);
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': body.length,
      });
      response.end(body);
    },
  });
  createLogger({ name: 'plain', format: 'json' }).info({ url: server.url }, 'the server answers');
}

void main(Number(process.argv[2]));
