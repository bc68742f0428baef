import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { until } from '../../../test/support/until.js';
import { upstreamRequest } from '../../../test/support/upstreamRequest.js';
import { createSocketTransport } from './socketTransport.js';

const OPTIONS = { connectTimeoutMs: 2_000, heartbeatMs: 5_000, maxMessageBytes: 10_000 };

function begin(transport: ReturnType<typeof createSocketTransport>, port: number) {
  const calls: string[] = [];
  const stop = transport.subscribe(upstreamRequest(`ws://127.0.0.1:${port}/graphql`), {
    opened: () => void calls.push('opened'),
    next: () => void calls.push('next'),
    refused: () => void calls.push('refused'),
    lost: ({ message }) => void calls.push(`lost: ${message}`),
    complete: () => void calls.push('complete'),
  });
  return { calls, stop };
}

describe('a subscription over graphql-ws', () => {
  it('that nobody wants any more before a connection that then fails ends in silence', async () => {
    const sockets: Socket[] = [];
    const taken = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const transport = createSocketTransport(OPTIONS);
    const { calls, stop } = begin(transport, port);
    await until('it is being connected', () => sockets.length === 1);
    stop();
    const other = begin(transport, port);
    await until('the other one is, too', () => sockets.length === 2);
    for (const socket of sockets) socket.destroy();
    // A rejection that nobody handles would end the process, and fails the test.
    await until('that has failed', () => other.calls.length === 1);
    expect(calls).toEqual([]);
    taken.close();
  });

  describe('of which the subgraph closes the connection in the normal way', () => {
    let server: WebSocketServer;
    let sockets: WebSocket[];
    let transport: ReturnType<typeof createSocketTransport>;
    beforeEach(async () => {
      sockets = [];
      server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
      server.on('connection', (socket) => void sockets.push(socket));
      await once(server, 'listening');
      transport = createSocketTransport(OPTIONS);
    });
    afterEach(() => {
      transport.close();
      for (const socket of sockets) socket.terminate();
      server.close();
    });
    const portOf = () => (server.address() as AddressInfo).port;

    it('is lost, rather than subscribed to again behind everybody’s back', async () => {
      server.on('connection', (socket) =>
        socket.on('message', (data) => {
          const { type } = JSON.parse(String(data)) as { type: string };
          if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
          if (type === 'subscribe') socket.close(1000, 'restarting');
        }),
      );
      const one = begin(transport, portOf());
      const other = begin(transport, portOf());
      await until(
        'somebody was told, or it was subscribed again',
        () => one.calls.length > 1 || sockets.length > 3,
      );
      const lost = 'lost: the connection was closed with code 1000 restarting';
      expect([one.calls, other.calls]).toEqual([
        ['opened', lost],
        ['opened', lost],
      ]);
      expect(sockets).toHaveLength(1);
    });

    it('is lost also where it never opened', async () => {
      server.on('connection', (socket) => socket.on('message', () => socket.close(1000)));
      const { calls } = begin(transport, portOf());
      await until('it was told, or tried again', () => calls.length > 0 || sockets.length > 3);
      expect(calls).toEqual(['lost: the connection was closed with code 1000']);
    });
  });
});
