import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { held } from '../../test/support/held.js';
import { recordingLogger } from '../../test/support/recordingLogger.js';
import { until } from '../../test/support/until.js';
import { DatabaseUnavailableError } from '../database/errors.js';
import { CodedError } from '../errors.js';
import { silentLogger } from '../logger.js';
import { type HttpServer, listen, type RequestHandler } from './httpServer.js';
import { readBody } from './readBody.js';
import { endWithShared } from './unreadAnswers.js';

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

async function open(server: HttpServer): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1').setEncoding('utf8');
  await once(socket, 'connect');
  return socket;
}

describe('listen', () => {
  const logger = silentLogger();
  /** Far longer than a test may take: a server that waits for it fails the test. */
  const drainTimeoutMs = 600_000;
  const start = (handler: RequestHandler) => listen({ port: 0, handler, logger, drainTimeoutMs });

  it('does not wait, when it closes, for a connection that was never used', async () => {
    const server = await start((_request, response) => void response.end('ok'));
    const unused = await open(server);
    const closed = once(unused, 'close');
    // Only once an exchange on a later connection is over has the server surely seen the earlier one.
    await (await fetch(server.url)).text();
    await server.close();
    await closed;
  });

  it('finishes a request under way when it closes, and then does not keep the connection', async () => {
    const arrived = held();
    const hold = held();
    const server = await start(async (_request, response) => {
      response.writeHead(200, { 'content-length': 4 });
      response.write('be');
      arrived.release();
      await hold.promise;
      response.end('st');
    });
    const socket = await open(server);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.write(REQUEST);
    await arrived.promise;
    const closing = server.close();
    const gone = once(socket, 'close');
    await expect(fetch(server.url)).rejects.toThrow();
    hold.release();
    await Promise.all([closing, gone]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.endsWith('\r\n\r\nbest')).toBe(true);
  });

  it('lets an idle connection bring one more request within its grace, and says that it is the last', async () => {
    const server = await start((_request, response) => void response.end('ok'));
    const socket = await open(server);
    socket.write(REQUEST);
    const [first] = await once(socket, 'data');
    expect(first).toMatch(/\r\nConnection: keep-alive\r\n/);
    const closing = server.close({ idleGraceMs: drainTimeoutMs });
    await expect(fetch(server.url)).rejects.toThrow();
    const gone = once(socket, 'close');
    socket.write(REQUEST);
    const [second] = await once(socket, 'data');
    expect(second).toMatch(/\r\nconnection: close\r\n/i);
    await Promise.all([closing, gone]);
  });

  it('says so in the answer to a request under way as well', async () => {
    const arrived = held();
    const hold = held();
    const server = await start(async (_request, response) => {
      arrived.release();
      await hold.promise;
      response.end('ok');
    });
    const socket = await open(server);
    socket.write(REQUEST);
    await arrived.promise;
    const closing = server.close({ idleGraceMs: drainTimeoutMs });
    hold.release();
    const [answer] = await once(socket, 'data');
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    await closing;
  });

  it('keeps idle connections for longer than the load balancers before it do', async () => {
    const server = await start((_request, response) => void response.end('ok'));
    const response = await fetch(server.url);
    expect(response.headers.get('keep-alive')).toBe('timeout=75');
    await server.close();
  });

  it('closes what is still idle after its grace', async () => {
    const server = await start((_request, response) => void response.end('ok'));
    const socket = await open(server);
    socket.write(REQUEST);
    await once(socket, 'data');
    await Promise.all([server.close({ idleGraceMs: 1 }), once(socket, 'close')]);
  });

  it('cuts what takes longer than the drain timeout', async () => {
    const arrived = held();
    const server = await listen({ port: 0, handler: () => arrived.release(), logger, drainTimeoutMs: 1 });
    const socket = await open(server);
    socket.write(REQUEST);
    await arrived.promise;
    await Promise.all([server.close(), once(socket, 'close')]);
  });

  it('leaves upgraded connections to those who took them', async () => {
    const upgraded = held<Socket>();
    const server = await listen({
      port: 0,
      handler: () => undefined,
      upgrade: (_request, socket) => upgraded.release(socket as Socket),
      logger,
      drainTimeoutMs,
    });
    const client = await open(server);
    client.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    const taken = await upgraded.promise;
    const closing = server.close();
    const [said] = await Promise.all([once(client, 'data'), taken.end('goodbye')]);
    expect(said).toEqual(['goodbye']);
    client.end();
    await closing;
  });

  it('answers a request that offers another protocol as if it did not, and keeps its connection', async () => {
    const server = await listen({
      port: 0,
      handler: async (request, response) => {
        const body = await readBody(request, 100);
        response.end(`${request.method} ${body}`);
      },
      upgrade: (_request, socket) => socket.end('upgraded'),
      logger,
      drainTimeoutMs,
    });
    const client = await open(server);
    const offer = 'connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n';
    let answers = '';
    client.on('data', (chunk) => {
      answers += chunk;
    });
    // As Java sends it, the body apart from its head.
    client.write(`POST / HTTP/1.1\r\nhost: x\r\n${offer}content-length: 4\r\n\r\n`);
    client.write('{"a"');
    await until('the first is answered', () => answers.includes('POST {"a"'));
    client.write(`GET / HTTP/1.1\r\nhost: x\r\n${offer}\r\n`);
    await until('the second is answered', () => answers.includes('GET '));
    client.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: WebSocket\r\n\r\n');
    await once(client, 'close');
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(answers.endsWith('upgraded')).toBe(true);
    await server.close();
  });

  it('answers 500 when a handler fails, and logs the error under the id that the client gets', async () => {
    const { logger: recording, lines } = recordingLogger();
    const handler = () => Promise.reject(new Error('db-7.internal is down'));
    const server = await listen({ port: 0, handler, logger: recording });
    const response = await fetch(server.url, { headers: { 'x-request-id': 'r-1' } });
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 500,
      body: {
        errors: [
          {
            message: 'Internal server error',
            extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r-1' },
          },
        ],
      },
    });
    expect(lines).toMatchObject([{ level: 50, requestId: 'r-1', err: { message: 'db-7.internal is down' } }]);
    await server.close();
  });

  it('answers 503 while a database is away, so that nobody takes it for a fault of the request', async () => {
    const { logger: recording, lines } = recordingLogger();
    const handler = () => Promise.reject(new DatabaseUnavailableError('no server at db-7.internal'));
    const server = await listen({ port: 0, handler, logger: recording });
    const response = await fetch(server.url, { headers: { 'x-request-id': 'r-1' } });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    const message = 'A database is away for a moment. Ask again; whether anything was written is not known.';
    expect(await response.json()).toEqual({
      errors: [{ message, extensions: { code: 'TEMPORARILY_UNAVAILABLE', requestId: 'r-1' } }],
    });
    expect(lines).toMatchObject([{ level: 50, requestId: 'r-1', err: { type: 'DatabaseUnavailableError' } }]);
    await server.close();
  });

  it('answers an error that was meant for the client as it is, with the status of its code', async () => {
    const server = await start(() => {
      throw new CodedError('NOT_READY', 'Not yet.');
    });
    const response = await fetch(server.url);
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 503,
      body: { errors: [{ message: 'Not yet.', extensions: { code: 'NOT_READY' } }] },
    });
    await server.close();
  });

  describe('before slow clients', () => {
    const arrival = { headersTimeout: 20, requestTimeout: 40, connectionsCheckingInterval: 10 };
    /** More than operating systems keep for a connection. */
    const big = Buffer.alloc(32 * 1024 * 1024, 'x');

    it.each([
      ['its headers', 'GET / HTTP/1.1\r\nhost: x\r\nx-'],
      ['its body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n12'],
    ])(
      'answers 408 to a request that does not bring all of %s in time, and cuts it off',
      async (_what, part) => {
        const handler: RequestHandler = async (request) => void (await readBody(request, 100));
        const server = await listen({ port: 0, handler, logger, drainTimeoutMs, arrival });
        const socket = await open(server);
        let answer = '';
        socket.on('data', (chunk) => {
          answer += chunk;
        });
        socket.write(part);
        await once(socket, 'close');
        expect(answer).toMatch(/^HTTP\/1\.1 408 /);
        await server.close();
      },
    );

    it('cuts off a client that does not read its answer, which else would wait in memory', async () => {
      const over = held();
      const server = await listen({
        port: 0,
        handler(_request, response) {
          response.once('close', () => over.release());
          response.end(big);
        },
        logger,
        drainTimeoutMs,
        sendTimeoutMs: 20,
      });
      const socket = await open(server);
      socket.on('error', () => undefined);
      socket.write(REQUEST);
      await over.promise;
      let size = 0;
      socket.on('data', (chunk) => {
        size += chunk.length;
      });
      await once(socket, 'close');
      expect(size).toBeLessThan(big.length);
      await server.close();
    });

    it('cuts off who has waited for longest when too many bytes wait for clients that do not read', async () => {
      const reasons: string[] = [];
      const server = await listen({
        port: 0,
        handler: (_request, response) => void response.end(big),
        logger,
        drainTimeoutMs,
        maxUnreadBytes: big.length * 1.5,
        onSlowReader: (reason) => void reasons.push(reason),
      });
      const slow: Socket[] = [];
      for (let count = 0; count < 3; count++) {
        const socket = await open(server);
        socket.on('error', () => undefined);
        socket.write(REQUEST);
        // Its answer has begun, and is then as whole as it will be.
        await once(socket, 'readable');
        slow.push(socket);
      }
      const [first, second, third] = slow as [Socket, Socket, Socket];
      await Promise.all([first, second].map((socket) => once(socket.resume(), 'close')));
      expect(reasons).toEqual(['memory', 'memory']);
      let size = 0;
      for await (const chunk of third) {
        size += (chunk as string).length;
        if (size > big.length) break;
      }
      expect(size).toBeGreaterThan(big.length);
      await server.close();
    });

    it('counts once what many clients wait for', async () => {
      const reasons: string[] = [];
      const server = await listen({
        port: 0,
        handler: ({ url }, response) =>
          url === '/own' ? void response.end(big) : endWithShared(response, big),
        logger,
        drainTimeoutMs,
        maxUnreadBytes: big.length * 1.5,
        onSlowReader: (reason) => void reasons.push(reason),
      });
      const slow: Socket[] = [];
      for (const url of ['/', '/', '/', '/own']) {
        expect(reasons).toEqual([]);
        const socket = await open(server);
        socket.on('error', () => undefined);
        socket.write(REQUEST.replace('/', url));
        await once(socket, 'readable');
        slow.push(socket);
      }
      // Only the last of those that share it gives its memory back.
      expect(reasons).toEqual(['memory', 'memory', 'memory']);
      for (const socket of slow) socket.destroy();
      await server.close();
    });

    it('begins with no request before the one before it on the same connection is answered', async () => {
      const hold = held();
      const begun: (string | undefined)[] = [];
      const server = await start(async (request, response) => {
        begun.push(request.url);
        if (request.url === '/1') await hold.promise;
        response.end(request.url);
      });
      const socket = await open(server);
      let answers = '';
      socket.on('data', (chunk) => {
        answers += chunk;
      });
      socket.write(['/1', '/2', '/3'].map((url) => REQUEST.replace('/', url)).join(''));
      await (await fetch(`${server.url}/other`)).text();
      expect(begun).toEqual(['/1', '/other']);
      hold.release();
      await until('all are answered', () => answers.endsWith('/3'));
      expect(answers.match(/\/\d(?=HTTP|$)/g)).toEqual(['/1', '/2', '/3']);
      socket.destroy();
      await server.close();
    });

    it('does nothing any more for requests that stood in line on a connection that is lost', async () => {
      const gone = held();
      const begun: (string | undefined)[] = [];
      const server = await start(async (request, response) => {
        begun.push(request.url);
        response.once('close', () => gone.release());
        if (request.url === '/other') response.end();
      });
      const socket = await open(server);
      socket.write(['/1', '/2'].map((url) => REQUEST.replace('/', url)).join(''));
      await (await fetch(`${server.url}/other`)).text();
      socket.destroy();
      await gone.promise;
      expect(begun).toEqual(['/1', '/other']);
      // Nothing of it is left that closing would wait for.
      await server.close();
    });

    it('does nothing for requests that stand in line behind an answer that ends the connection', async () => {
      const begun: (string | undefined)[] = [];
      const server = await start((request, response) => {
        begun.push(request.url);
        response.writeHead(200, { connection: 'close' }).end(request.url);
      });
      const socket = await open(server);
      socket.resume().write(['/1', '/2'].map((url) => REQUEST.replace('/', url)).join(''));
      await once(socket, 'close');
      expect(begun).toEqual(['/1']);
      await server.close();
    });

    it('does not begin, while it closes, with what stands in line on a connection', async () => {
      const arrived = held();
      const hold = held();
      const begun: (string | undefined)[] = [];
      const server = await start(async (request, response) => {
        begun.push(request.url);
        arrived.release();
        await hold.promise;
        response.end(request.url);
      });
      const socket = await open(server);
      const gone = once(socket.resume(), 'close');
      socket.write(['/1', '/2'].map((url) => REQUEST.replace('/', url)).join(''));
      await arrived.promise;
      const closing = server.close();
      hold.release();
      await Promise.all([closing, gone]);
      expect(begun).toEqual(['/1']);
    });

    it('cuts off who sends a great many requests and waits for no answer', async () => {
      const server = await start(() => undefined);
      const socket = await open(server);
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      socket.write(REQUEST.repeat(65));
      socket.resume();
      await closed;
      await server.close();
    });

    it('leaves one that has read all of it its connection', async () => {
      const server = await start((_request, response) => void response.end(big));
      const socket = await open(server);
      for (let times = 0; times < 2; times++) {
        socket.write(REQUEST);
        let size = 0;
        while (size < big.length) {
          const [chunk] = await once(socket, 'data');
          size += (chunk as string).length;
        }
      }
      socket.destroy();
      await server.close();
    });
  });

  it('rejects when the port is taken', async () => {
    const server = await start(() => undefined);
    await expect(listen({ port: server.port, handler: () => undefined, logger })).rejects.toThrow(
      'EADDRINUSE',
    );
    await server.close();
  });
});
