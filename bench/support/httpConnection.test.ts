import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpConnection, postBytes } from './httpConnection.js';

describe('the connection of the load generators', () => {
  it('is opened anew where the server says that it takes nothing more', async () => {
    let opened = 0;
    const server = createServer((request, response) => {
      response.setHeader('content-length', 2).end('ok');
      request.resume();
    });
    server.maxRequestsPerSocket = 2;
    server.on('connection', () => {
      opened += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const connection = new HttpConnection(url);
    try {
      const bodies: string[] = [];
      for (let index = 0; index < 5; index++) {
        bodies.push((await connection.send(postBytes(url, '{}'))).body.toString());
      }
      expect({ bodies, opened }).toEqual({ bodies: ['ok', 'ok', 'ok', 'ok', 'ok'], opened: 3 });
    } finally {
      connection.close();
      server.closeAllConnections();
      server.close();
    }
  });
});
