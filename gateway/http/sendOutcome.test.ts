import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen, type RequestHandler } from '../../platform/http/httpServer.js';
import { silentLogger } from '../../platform/logger.js';
import { traceHttp } from '../../platform/tracing/traceHttp.js';
import type { Tracing } from '../../platform/tracing/tracing.js';
import { held } from '../../test/support/held.js';
import type { PreparedResponse } from '../cache/response/preparedResponse.js';
import type { LoadedResponse, ResponseOutcome } from '../cache/response/responseCache.js';
import { gatewayConfigSchema } from '../config.js';
import { createSendOutcome } from './sendOutcome.js';

const LOADED: LoadedResponse = {
  status: 200,
  headers: new Map([['content-type', 'application/json; charset=utf-8']]),
  contentType: 'application/json; charset=utf-8',
  body: '{"data":{"name":"é"}}\n',
  facts: undefined,
  identityBound: false,
  private: false,
  apart: false,
  composed: false,
};

describe('sending an outcome', () => {
  it('writes the bytes of an answer once, for all that waited for it', () => {
    const send = createSendOutcome({
      config: gatewayConfigSchema.parse({}),
      authenticator: { headers: [] },
      metrics: { response: () => undefined },
      decisiveHeaders: [],
    });
    const bodies: unknown[] = [];
    const response = {
      setHeader: () => response,
      hasHeader: () => false,
      writeHead: () => response,
      end: (body: unknown) => bodies.push(body),
    } as unknown as ServerResponse;
    const outcome: ResponseOutcome = { kind: 'loaded', loaded: { ...LOADED }, cacheStatus: 'miss' };
    for (const cacheStatus of ['miss', 'joined', 'joined']) {
      void send({ headers: {} } as IncomingMessage, response, { ...outcome, cacheStatus });
    }
    expect(bodies[0]).toEqual(Buffer.from(LOADED.body));
    expect(bodies.map((body) => body === bodies[0])).toEqual([true, true, true]);
  });

  it('says once how long an answer is, whatever the server behind said', () => {
    const send = createSendOutcome({
      config: gatewayConfigSchema.parse({}),
      authenticator: { headers: [] },
      metrics: { response: () => undefined },
      decisiveHeaders: [],
    });
    let written: unknown[] = [];
    const response = {
      writeHead: (_status: number, headers: unknown[]) => (written = headers),
      end: () => undefined,
    } as unknown as ServerResponse;
    const loaded = { ...LOADED, headers: new Map([...LOADED.headers, ['content-length', '7']]) };
    void send({ headers: {} } as IncomingMessage, response, { kind: 'loaded', loaded, cacheStatus: 'miss' });
    const names = written.filter((_, index) => index % 2 === 0);
    expect(names).toHaveLength(new Set(names).size);
    expect(written[written.indexOf('content-length') + 1]).toBe(Buffer.byteLength(LOADED.body));
    expect(written[written.indexOf('cache-control') + 1]).toBe('no-store');
  });

  it('tells the span of the request what the cache had for it, also of a hit', async () => {
    const send = createSendOutcome({
      config: gatewayConfigSchema.parse({}),
      authenticator: { headers: [] },
      metrics: { response: () => undefined },
      decisiveHeaders: [],
    });
    const body = Buffer.from(LOADED.body);
    const prepared = {
      representation: () => ({ body, length: body.length, encoding: 'identity', etag: '"1"' }),
      contentType: LOADED.contentType,
      record: { scope: 'public', tags: [], createdAt: 0, freshUntil: 0 },
    } as unknown as PreparedResponse;
    const outcomes: ResponseOutcome[] = [
      { kind: 'loaded', loaded: { ...LOADED }, cacheStatus: 'miss' },
      { kind: 'prepared', prepared, cacheStatus: 'hit; tier=memory' },
    ];
    const told: Record<string, unknown>[] = [];
    const ended = held();
    const tracing: Tracing = {
      start() {
        const attributes: Record<string, unknown> = {};
        const span = {
          context: { traceId: '', spanId: '', sampled: true },
          child: () => span,
          set: (more: object) => void Object.assign(attributes, more),
          end: () => void (told.push(attributes) === 2 && ended.release()),
        };
        return span;
      },
      async close() {},
    };
    const handler: RequestHandler = (request, response) =>
      send(request, response, outcomes.shift() as ResponseOutcome);
    const server = await listen({
      port: 0,
      handler: traceHttp(handler, { tracing }),
      logger: silentLogger(),
    });
    try {
      for (let time = 0; time < 2; time++) await (await fetch(server.url)).text();
      await ended.promise;
    } finally {
      await server.close();
    }
    expect(told).toMatchObject([
      { 'headgate.cache': 'miss', 'http.response.status_code': 200 },
      { 'headgate.cache': 'hit; tier=memory', 'http.response.status_code': 200 },
    ]);
  });
});
