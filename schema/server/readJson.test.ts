import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { type HttpServer, listen } from '../../platform/http/httpServer.js';
import { silentLogger } from '../../platform/logger.js';
import { readJson } from './readJson.js';
import { TOO_LARGE_REST } from './tooLargeRest.js';

const MAX_BYTES = 1_000;

describe('a body that is too large', () => {
  let server: HttpServer;
  beforeEach(async () => {
    server = await listen({
      port: 0,
      logger: silentLogger(),
      tooLargeRest: TOO_LARGE_REST,
      handler: async (request, response) => {
        response.end(JSON.stringify(await readJson(request, z.unknown(), MAX_BYTES)));
      },
    });
  });
  afterEach(() => server.close());

  /** Sends all of it before it looks at what comes back, as many programs do. */
  async function sendWhole(bytes: number): Promise<string> {
    const socket: Socket = connect(server.port, '127.0.0.1').pause();
    const head = `POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`;
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.write(head);
      let left = bytes;
      const more = (error?: Error | null) => {
        if (error) return reject(error);
        if (left === 0) return resolve();
        const next = Buffer.alloc(Math.min(left, 65_536), ' ');
        left -= next.length;
        socket.write(next, more);
      };
      more();
    });
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    await new Promise((resolve, reject) => socket.once('end', resolve).once('error', reject).resume());
    return answer;
  }

  it('is refused so that the one who sends it hears of it', async () => {
    const answer = await sendWhole(20 * 1024 * 1024);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain(`The body may have at most ${MAX_BYTES} bytes.`);
  });
});
