import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { endWithText } from './endWithText.js';

/** Every byte there is. */
const TEXT = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1');

describe('ending a response with a text', () => {
  it('sends each character as a byte, over one connection again and again', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, ['content-length', TEXT.length]);
      endWithText(response, TEXT);
    }).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      const requests = ['GET / HTTP/1.1', 'HEAD / HTTP/1.1', 'GET / HTTP/1.1\r\nConnection: close'];
      socket.setEncoding('latin1').end(requests.map((head) => `${head}\r\nHost: x\r\n\r\n`).join(''));
      let received = '';
      for await (const piece of socket) received += piece;
      const bodies = received.split(/HTTP\/1\.1 200 OK\r\n.*?\r\n\r\n/s);
      expect(bodies).toEqual(['', TEXT, '', TEXT]);
    } finally {
      server.close();
    }
  });

  it('loses nothing for a client that reads only when it has asked for more than there is room for', async () => {
    const [answers, text] = [1_000, 'x'.repeat(15_000)];
    const server = createServer((_request, response) => {
      response.writeHead(200, ['content-length', text.length]);
      endWithText(response, text);
    }).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
      const asked = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(answers - 1);
      socket.end(`${asked}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await once(socket, 'finish');
      let received = '';
      for await (const piece of socket.setEncoding('latin1')) received += piece;
      const bodies = received.split(/HTTP\/1\.1 200 OK\r\n.*?\r\n\r\n/s).slice(1);
      expect(bodies).toHaveLength(answers);
      expect(bodies.filter((body) => body !== text)).toEqual([]);
    } finally {
      server.close();
    }
  });

  it('ends one that has no connection yet', () => {
    const ended: unknown[] = [];
    const response = { socket: null, end: (...sent: unknown[]) => ended.push(...sent) };
    endWithText(response as unknown as ServerResponse, TEXT);
    expect(ended).toEqual([TEXT, 'latin1']);
  });
});
