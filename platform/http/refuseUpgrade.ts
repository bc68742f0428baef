import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long the answer may wait for a client that does not read what came before it. */
const SEND_TIMEOUT_MS = 10_000;

/**
 * Answers a request to upgrade with a status, and lets go of its connection. Node looks after it no more: a client that
 * leaves its end open would keep it for ever, and the server from closing.
 * @param headers each with its line end
 */
export function refuseUpgrade(socket: Duplex, status: number, headers = ''): void {
  const timer = setTimeout(() => socket.destroy(), SEND_TIMEOUT_MS);
  timer.unref();
  socket.on('error', () => undefined);
  socket.once('close', () => clearTimeout(timer));
  socket.once('finish', () => socket.destroy());
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}`;
  socket.end(`${head}connection: close\r\ncontent-length: 0\r\n\r\n`);
}
