import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { held } from '../../support/held.js';
import { startNginx } from '../../support/nginx.js';
import { getOf, rawRequest } from '../../support/rawRequest.js';
import { describeReal } from '../../support/realParts.js';
import { shippedNginx } from '../../support/shippedNginx.js';
import { until } from '../../support/until.js';

const REFUSED = 'expensive';
const DEFERRED = 'deferred';
/** What urql sends with each query. */
const ANY =
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';

describeReal('nginx', 'the shipped NGINX', () => {
  const servers: Server[] = [];
  let asked = 0;
  const firstPart = held();
  beforeAll(async () => {
    for (let number = 0; number < 3; number++) {
      const server = createServer((request, response) => {
        asked += 1;
        if (request.url?.includes(DEFERRED)) {
          // As the gateway does: the rest comes when somebody has the first part.
          response.writeHead(200, { 'x-accel-buffering': 'no' });
          response.write('first');
          firstPart.promise.then(() => response.end('last'));
          return;
        }
        const refused = request.url?.includes(REFUSED) === true;
        response.writeHead(
          refused ? 503 : 200,
          refused ? { 'retry-after': '1' } : { 'x-accel-expires': '3600' },
        );
        response.end('{}');
      }).listen(0, '127.0.0.1');
      servers.push(server);
      await until('it listens', () => server.listening);
    }
  });
  afterAll(() => {
    for (const server of servers) server.close().closeAllConnections();
  });

  const hosts = () => servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);

  it('passes on what a gateway refuses, and goes on asking it', async () => {
    await using nginx = await startNginx((place) => shippedNginx(hosts(), place));
    const get = (query: string) => rawRequest(...getOf(`http://127.0.0.1:${nginx.port}/graphql`, query));
    // More than it takes to have all three left alone, were a refusal a failure.
    for (let time = 0; time < 12; time++) {
      const { status, headers } = await get(REFUSED);
      expect([status, headers['retry-after']]).toEqual([503, '1']);
    }
    // Repeated elsewhere, it would be more work for those who have too much of it.
    expect(asked).toBe(12);
    expect((await get('cheap')).status).toBe(200);
  });

  it('does not wait for ever for a gateway that hangs: a GET is answered by another one', async () => {
    const hanging = createServer(() => undefined).listen(0, '127.0.0.1');
    await until('it listens', () => hanging.listening);
    const [healthy = '', other = ''] = hosts();
    const hung = `127.0.0.1:${(hanging.address() as AddressInfo).port}`;
    try {
      // Longer than the gateway itself lets a request take, but not in a test.
      await using nginx = await startNginx((place) =>
        shippedNginx([hung, healthy, other], place).replace(
          'proxy_read_timeout 35s',
          'proxy_read_timeout 1s',
        ),
      );
      const url = `http://127.0.0.1:${nginx.port}/graphql`;
      for (const query of ['a', 'b', 'c']) expect((await rawRequest(...getOf(url, query))).status).toBe(200);
    } finally {
      hanging.close().closeAllConnections();
    }
  });

  it('keeps answers to clients that would take a stream as well, and none to those that want one', async () => {
    await using nginx = await startNginx((place) => shippedNginx(hosts(), place));
    const edge = async (accept: string) => {
      const { headers } = await rawRequest(
        ...getOf(`http://127.0.0.1:${nginx.port}/graphql`, 'kept', { accept }),
      );
      return headers['x-edge-cache'];
    };
    expect([await edge(ANY), await edge(ANY)]).toEqual(['MISS', 'HIT']);
    for (const stream of ['text/event-stream', 'multipart/mixed;deferSpec=20220824, application/json'])
      expect([await edge(stream), await edge(stream)]).toEqual([undefined, undefined]);
  });

  it('lets deferred parts out as they come, whatever else the client would take', async () => {
    await using nginx = await startNginx((place) => shippedNginx(hosts(), place));
    const [url, { headers }] = getOf(`http://127.0.0.1:${nginx.port}/graphql`, DEFERRED, { accept: ANY });
    const response = await fetch(url, { headers: headers as Record<string, string> });
    const parts: string[] = [];
    for await (const part of response.body as ReadableStream<Uint8Array>) {
      parts.push(Buffer.from(part).toString());
      firstPart.release();
    }
    expect(parts).toEqual(['first', 'last']);
  });

  it('has the pictures that products name, from who has them', async () => {
    const [pictures = ''] = hosts();
    await using nginx = await startNginx((place) =>
      shippedNginx(Array(3).fill('127.0.0.1:9'), place, { pictures }),
    );
    const { status } = await rawRequest(`http://127.0.0.1:${nginx.port}/images/0123456789abcdef.svg`);
    expect(status).toBe(200);
  });
});
