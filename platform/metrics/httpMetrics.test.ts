import { once } from 'node:events';
import { connect } from 'node:net';
import { Registry } from 'prom-client';
import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import { until } from '../../test/support/until.js';
import { type HttpServer, listen, type RequestHandler } from '../http/httpServer.js';
import { silentLogger } from '../logger.js';
import { createHttpMetrics } from './httpMetrics.js';

describe('createHttpMetrics', () => {
  let registry: Registry;
  let server: HttpServer;
  afterEach(() => server.close());

  async function serve(handler: RequestHandler) {
    registry = new Registry();
    const measured = createHttpMetrics(registry).measure(handler);
    server = await listen({ port: 0, handler: measured, drainTimeoutMs: 1, logger: silentLogger() });
  }
  const samples = async (name: string) => parsePrometheus(await registry.metrics()).get(name)?.samples ?? [];
  const counts = async () =>
    (await samples('headgate_http_request_duration_seconds'))
      .filter(({ name }) => name.endsWith('_count'))
      .map(({ labels, value }) => ({ ...labels, value }));
  const total = async () => (await counts()).reduce((sum, { value }) => sum + value, 0);

  it('counts requests by method and class of status, when they are answered whole', async () => {
    await serve((request, response) => {
      response.statusCode = request.url === '/bad' ? 400 : 200;
      response.end('x');
    });
    await fetch(server.url);
    await fetch(server.url);
    await fetch(`${server.url}/bad`, { method: 'POST' });
    await until('all are counted', async () => (await total()) === 3);
    expect(await counts()).toEqual([
      { method: 'GET', status: '2xx', value: 2 },
      { method: 'POST', status: '4xx', value: 1 },
    ]);
  });

  it('keeps what a client invents out of labels', async () => {
    await serve((_request, response) => {
      response.end();
    });
    const methods = ['PROPFIND', 'MKCALENDAR', 'SUBSCRIBE', 'UNLINK'];
    for (const method of methods) await fetch(`${server.url}/${method}?a={b}`, { method });
    await until('all are counted', async () => (await total()) === methods.length);
    expect(await counts()).toEqual([{ method: 'other', status: '2xx', value: methods.length }]);
  });

  it('counts who went away before the answer as aborted, and as under way until then', async () => {
    await serve(() => undefined);
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    const underWay = async () => (await samples('headgate_http_requests_in_flight'))[0]?.value;
    await until('the request is under way', async () => (await underWay()) === 1);
    socket.destroy();
    await until('it is counted', async () => (await total()) === 1);
    expect(await counts()).toEqual([{ method: 'GET', status: 'aborted', value: 1 }]);
    expect(await underWay()).toBe(0);
  });
});
