import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '../../../platform/logger.js';
import { type Held, held } from '../../../test/support/held.js';
import { recordingLogger } from '../../../test/support/recordingLogger.js';
import { until } from '../../../test/support/until.js';
import { createProxyPurges, type ProxyPurgesOptions } from './proxyPurges.js';

/** Proxies that answer when they are told to. */
function start(options: Partial<ProxyPurgesOptions> = {}) {
  const asked: { readonly url: string; readonly gate: Held }[] = [];
  const proxies = createProxyPurges({
    urls: ['http://a/'],
    retryMs: 1,
    logger: silentLogger(),
    renew(url) {
      const gate = held();
      asked.push({ url, gate });
      return gate.promise;
    },
    ...options,
  });
  return { proxies, asked };
}

/** Whether it is resolved already. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.finally(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe('createProxyPurges', () => {
  it('is done when every proxy was told', async () => {
    const { proxies, asked } = start({ urls: ['http://a/', 'http://b/'] });
    const purged = proxies.purge();
    expect(asked.map(({ url }) => url)).toEqual(['http://a/', 'http://b/']);
    asked[0]?.gate.release();
    expect(await isDone(purged)).toBe(false);
    asked[1]?.gate.release();
    await purged;
    expect(proxies.counts).toEqual({ told: 2, failed: 0 });
  });

  it('tells of all purges that come meanwhile by one more request, and not by the one under way', async () => {
    const { proxies, asked } = start();
    const first = proxies.purge();
    const later = Promise.all([proxies.purge(), proxies.purge(), proxies.purge()]);
    asked[0]?.gate.release();
    await first;
    expect(await isDone(later)).toBe(false);
    asked[1]?.gate.release();
    await later;
    expect(asked).toHaveLength(2);
  });

  it('never rejects, tells a proxy that failed again, and lets nobody wait for it until then', async () => {
    const { proxies, asked } = start();
    const first = proxies.purge();
    const second = proxies.purge();
    asked[0]?.gate.fail(new Error('ECONNREFUSED'));
    await Promise.all([first, second]);
    // Whatever its pause is at: nobody has answered it yet.
    await proxies.purge();
    await until('it is told again', () => asked.length === 2);
    await proxies.purge();
    asked[1]?.gate.release();
    await until('it is told of the last one', () => asked.length === 3);
    const waited = proxies.purge();
    expect(await isDone(waited)).toBe(false);
    asked[2]?.gate.release();
    await until('it is told of that as well', () => asked.length === 4);
    asked[3]?.gate.release();
    await waited;
    expect(proxies.counts).toEqual({ told: 3, failed: 1 });
  });

  it('logs the first failure and the end of them', async () => {
    const { logger, lines } = recordingLogger();
    const { proxies, asked } = start({ logger });
    void proxies.purge();
    for (const failure of [0, 1]) {
      await until('it is asked', () => asked.length === failure + 1);
      asked[failure]?.gate.fail(new Error('down'));
    }
    await until('it is asked once more', () => asked.length === 3);
    asked[2]?.gate.release();
    await until('it said so', () => lines.length === 2);
    expect(lines).toMatchObject([
      { proxy: 'http://a/', msg: expect.stringContaining('cannot be told') },
      { proxy: 'http://a/', msg: expect.stringContaining('again') },
    ]);
  });

  it('is closed when its last request is over, and owes nothing then', async () => {
    const { proxies, asked } = start();
    const purged = proxies.purge();
    const queued = proxies.purge();
    const closed = proxies.close();
    expect(await isDone(closed)).toBe(false);
    asked[0]?.gate.release();
    await Promise.all([closed, purged, queued]);
    await proxies.purge();
    expect(asked).toHaveLength(1);
  });

  it('writes a file of another time and length each time, and takes no refusal for success', async () => {
    const seen: { method: string | undefined; date: number; length: number }[] = [];
    let status = 201;
    const server = createServer((request, response) => {
      let length = 0;
      request.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      request.on('end', () => {
        seen.push({ method: request.method, date: Date.parse(request.headers.date ?? ''), length });
        response.writeHead(status).end();
      });
    }).listen(0, '127.0.0.1');
    await until('it listens', () => server.listening);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/generation`;
    // A deadline that no machine is too slow for.
    const proxies = createProxyPurges({ urls: [url], deadlineMs: 60_000, logger: silentLogger() });
    await proxies.purge();
    await proxies.purge();
    status = 403;
    await proxies.purge();
    expect(proxies.counts).toEqual({ told: 2, failed: 1 });
    expect(new Set(seen.map(({ date, length }) => `${date}-${length}`)).size).toBe(3);
    for (const { method, date, length } of seen) {
      expect(method).toBe('PUT');
      expect(date).toBeGreaterThan(0);
      expect(length).toBeGreaterThan(0);
    }
    await proxies.close();
    server.close();
  });
});
