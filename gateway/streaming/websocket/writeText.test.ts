import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { writeText } from './writeText.js';

/** A WebSocket of the library at both ends, and the socket below that of the server. */
async function openPair() {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const upgraded = new Promise<{ wire: Duplex; near: WebSocket }>((resolve) => {
    server.once('upgrade', (request, wire, head) =>
      sockets.handleUpgrade(request, wire, head, (near) => resolve({ wire, near })),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: string[] = [];
  far.on('message', (data, isBinary) => received.push(isBinary ? 'binary' : String(data)));
  const [{ wire, near }] = await Promise.all([upgraded, once(far, 'open')]);
  return {
    wire,
    near,
    far,
    received,
    async [Symbol.asyncDispose]() {
      near.terminate();
      far.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a message that is written past the library', () => {
  const HEAD = Buffer.from('{"id":"ä","payload":');
  const rest = HEAD.length + 1;

  it('is read whole at every length at which its frame is another, between messages of the library', async () => {
    await using pair = await openPair();
    const { wire, near, far, received } = pair;
    const lengths = [rest + 2, 125, 126, 4_096 + rest, 4_097 + rest, 65_535, 65_536, 300_000];
    const bodies = lengths.map((length) => Buffer.from(JSON.stringify('x'.repeat(length - rest - 2))));
    const closed = once(far, 'close');
    for (const body of bodies) {
      near.send('before');
      near.ping();
      writeText(wire, HEAD, body);
    }
    near.close(4000);
    expect((await closed)[0]).toBe(4000);
    expect(received).toEqual(bodies.flatMap((body) => ['before', `${HEAD}${body}}`]));
  });

  it('counts among the bytes that wait for a client', async () => {
    await using pair = await openPair();
    const { wire, near } = pair;
    wire.cork();
    writeText(wire, HEAD, Buffer.alloc(10_000, 'x'));
    expect(near.bufferedAmount).toBeGreaterThan(10_000);
  });
});
