import { fastify } from 'fastify';
import { createLogger } from '../../platform/logger.js';

/** The same as `plainServer`, on Fastify: the raw body is taken as it comes, nothing is parsed or validated. */
async function main(bytes: number): Promise<void> {
  const body = Buffer.from(JSON.stringify({ data: 'x'.repeat(bytes) }));
  const server = fastify();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, raw, done) => done(null, raw));
  server.post('/', (_request, reply) => {
    reply.header('content-type', 'application/json; charset=utf-8').send(body);
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  createLogger({ name: 'fastify', format: 'json' }).info({ url }, 'the server answers');
}

void main(Number(process.argv[2]));
