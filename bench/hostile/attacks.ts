import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { pageId, pageRequest } from '../cache/pages.js';
import { postBytes } from '../support/httpConnection.js';

/** Whoever attacks, and how many of them the gateway has let go on. */
export interface Attackers {
  readonly count: number;
  readonly connected: number;
  leave(): void;
}

export interface Attack {
  readonly name: string;
  /** Resolves when all that can be held is held. */
  run(url: string): Promise<Attackers>;
}

const KB = 1024;
const MB = 1024 * KB;
const SETTLE_MS = 1_500;
let pages = 0;

/** Sockets that are opened, and then do as they are told; what comes back is read only where `reads`. */
async function sockets(
  url: string,
  count: number,
  reads: boolean,
  act: (socket: Socket) => Promise<void> | void,
): Promise<Attackers> {
  const { hostname, port } = new URL(url);
  const all = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
      if (reads) socket.resume();
      await act(socket);
      return socket;
    }),
  );
  await sleep(SETTLE_MS);
  return {
    count,
    get connected() {
      return all.filter((socket) => !socket.destroyed && socket.readable).length;
    },
    leave: () => {
      for (const socket of all) socket.destroy();
    },
  };
}

async function webSockets(
  url: string,
  count: number,
  act: (socket: WebSocket) => Promise<void> | void,
): Promise<Attackers> {
  const all = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = new WebSocket(url.replace(/^http/, 'ws'), ['graphql-transport-ws']);
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('open', resolve).once('close', resolve));
      await act(socket);
      return socket;
    }),
  );
  await sleep(SETTLE_MS);
  return {
    count,
    get connected() {
      return all.filter(({ readyState }) => readyState === WebSocket.OPEN).length;
    },
    leave: () => {
      for (const socket of all) socket.terminate();
    },
  };
}

/** Written as fast as it is taken. */
function write(socket: Socket, bytes: Buffer | string): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      socket.off('close', done);
      resolve();
    };
    socket.once('close', done);
    socket.write(bytes, done);
  });
}

const head = (url: string, ...lines: string[]) => {
  const { host, pathname } = new URL(url);
  return [`POST ${pathname} HTTP/1.1`, `host: ${host}`, 'content-type: application/json', ...lines].join(
    '\r\n',
  );
};
const newPage = (url: string, bytes: number) => postBytes(url, pageRequest(pageId(++pages, bytes)));

const ONE_BYTE_CHUNKS = '1\r\nx\r\n'.repeat(10_000);
/** A million characters in a thousand bytes. */
const BOMB = gzipSync(Buffer.alloc(MB, ' '));

export const ATTACKS: readonly Attack[] = [
  { name: '2,000 connections that send nothing', run: (url) => sockets(url, 2_000, true, () => undefined) },
  {
    name: '2,000 requests whose headers do not end',
    run: (url) =>
      sockets(url, 2_000, true, (socket) => write(socket, head(url, `x-a: ${'x'.repeat(8 * KB)}`))),
  },
  {
    name: '20 bodies of 100 KB that come byte by byte and do not end',
    run: (url) =>
      sockets(url, 20, true, async (socket) => {
        await write(socket, `${head(url, 'transfer-encoding: chunked')}\r\n\r\n`);
        for (let round = 0; round < 10; round++) await write(socket, ONE_BYTE_CHUNKS);
      }),
  },
  {
    name: '100 answers of 4 MB that nobody reads',
    run(url) {
      // One after the other, so that it is no test of the subgraph.
      let last = Promise.resolve();
      return sockets(url, 100, false, (socket) => {
        last = last.then(async () => {
          await write(socket, newPage(url, 4 * MB));
          await new Promise((resolve) => socket.once('readable', resolve).once('close', resolve));
        });
        return last;
      });
    },
  },
  {
    name: '20 connections with 60 requests at once for 1 MB each, that nobody reads',
    run: (url) =>
      sockets(url, 20, false, (socket) =>
        write(socket, Buffer.concat(Array.from({ length: 60 }, () => newPage(url, MB)))),
      ),
  },
  {
    name: '1,000 compressed bodies of 1 kB that would be 1 MB',
    run: (url) =>
      sockets(url, 1_000, true, async (socket) => {
        await write(
          socket,
          `${head(url, 'content-encoding: gzip', `content-length: ${BOMB.length}`)}\r\n\r\n`,
        );
        await write(socket, BOMB);
      }),
  },
  { name: '2,000 WebSockets that never greet', run: (url) => webSockets(url, 2_000, () => undefined) },
  {
    name: '200 WebSocket messages of 900 KB in pieces, that do not end',
    run: (url) =>
      webSockets(url, 200, (socket) => {
        for (let part = 0; part < 225; part++) socket.send(Buffer.alloc(4 * KB, ' '), { fin: false });
      }),
  },
  {
    name: '200 WebSocket messages of 4 MB, where 1 MB is allowed',
    run: (url) => webSockets(url, 200, (socket) => socket.send(Buffer.alloc(4 * MB, ' '))),
  },
];
