import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../../../test/support/until.js';
import { upstreamRequest } from '../../../test/support/upstreamRequest.js';
import { createEventStreamTransport } from './eventStreamTransport.js';

async function subscribeTo(
  answer: RequestListener,
  connectTimeoutMs = 60_000,
): Promise<{ readonly calls: string[] } & AsyncDisposable> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = createEventStreamTransport({
    connectTimeoutMs,
    heartbeatMs: 60_000,
    maxMessageBytes: 10_000,
  });
  const calls: string[] = [];
  const stop = transport.subscribe(
    upstreamRequest(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, {
      subgraph: 'counter',
      query: 'subscription { counted }',
      variables: {},
    }),
    {
      opened: () => void calls.push('opened'),
      next: ({ data }) => void calls.push(`next ${JSON.stringify(data)}`),
      refused: ([error]) => void calls.push(`refused: ${error?.message}`),
      lost: ({ message }) => void calls.push(`lost: ${message}`),
      complete: () => void calls.push('complete'),
    },
  );
  return {
    calls,
    async [Symbol.asyncDispose]() {
      stop();
      transport.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('an answer of a subgraph that is asked for a stream of events', () => {
  it('may be announced by an interim one', async () => {
    await using subscription = await subscribeTo((_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('event: next\ndata: {"data":{"counted":1}}\n\n');
      });
    });
    const { calls } = subscription;
    await until('the event came', () => calls.length >= 2);
    expect(calls).toEqual(['opened', 'next {"counted":1}']);
  });

  it('is waited for no longer than the deadline when a refusal does not end', async () => {
    await using subscription = await subscribeTo((_request, response) => {
      response.writeHead(403, { 'content-type': 'application/json' });
      response.write('{"errors":[');
    }, 300);
    const { calls } = subscription;
    await until('it was given up', () => calls.length > 0);
    expect(calls).toEqual(['lost: there was no answer within 300 ms']);
  });
});
