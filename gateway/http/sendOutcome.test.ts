import type { IncomingMessage, ServerResponse } from 'node:http';
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
});
