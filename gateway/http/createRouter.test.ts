import { listen } from '../../platform/http/httpServer.js';
import { silentLogger } from '../../platform/logger.js';
import { createRouter } from './createRouter.js';

describe('a path that nothing is at', () => {
  it('is answered with what there is: whoever opens the bare address looks for it', async () => {
    const found = createRouter({
      '/graphql': (_request, response) => void response.end('graph'),
      '/health/live': (_request, response) => void response.end('live'),
    });
    const server = await listen({ port: 0, handler: found, logger: silentLogger() });
    try {
      expect(await (await fetch(`${server.url}/graphql?query=x`)).text()).toBe('graph');
      for (const path of ['/', '/graphql/']) {
        const answer = await fetch(server.url + path);
        expect(answer.status).toBe(404);
        expect(await answer.json()).toEqual({
          errors: [
            {
              message: 'There is nothing here. Try /graphql or /health/live.',
              extensions: { code: 'BAD_REQUEST' },
            },
          ],
        });
      }
    } finally {
      await server.close();
    }
  });
});
