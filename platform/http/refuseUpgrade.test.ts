import { once } from 'node:events';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { silentLogger } from '../logger.js';
import { listen } from './httpServer.js';
import { refuseUpgrade } from './refuseUpgrade.js';

const UPGRADE = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';

describe('a request to upgrade that is refused', () => {
  afterEach(() => jest.useRealTimers());

  it('is answered, and its connection ends although the client goes on and never closes it', async () => {
    const server = await listen({
      port: 0,
      handler: () => undefined,
      upgrade: (_request, socket) => refuseUpgrade(socket, 429, 'retry-after: 7\r\n'),
      logger: silentLogger(),
    });
    const client = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    await once(client, 'connect');
    let answer = '';
    client.on('data', (chunk) => {
      answer += chunk;
    });
    client.write(`${UPGRADE}x`);
    await once(client, 'end');
    expect(answer).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\nretry-after: 7\r\n/);
    await server.close();
    expect(client.writable).toBe(true);
    client.destroy();
  });

  it('holds its connection no longer than 10 s when the client does not read', () => {
    jest.useFakeTimers();
    const stuck = new Duplex({ read: () => undefined, write: () => undefined });
    refuseUpgrade(stuck, 503);
    jest.advanceTimersByTime(9_999);
    expect(stuck.destroyed).toBe(false);
    jest.advanceTimersByTime(1);
    expect(stuck.destroyed).toBe(true);
  });

  it('survives a client that is gone', async () => {
    const gone = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => done(new Error('reset')),
    });
    refuseUpgrade(gone, 404);
    await new Promise((resolve) => gone.once('close', resolve));
  });
});
