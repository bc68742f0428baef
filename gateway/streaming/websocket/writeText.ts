import type { Writable } from 'node:stream';
import { COPIED_BYTES } from '../streamQueues.js';

/** FIN, and the opcode of text. What a server sends is not masked. */
const FINAL_TEXT = 0x81;
const END = Buffer.from('}');

/**
 * Writes `head`, `body` and a closing brace as one text message of a WebSocket (RFC 6455, 5.2), whole and in one write to
 * the network. The library would want the message in one piece, copied for each receiver. To be called for an open
 * connection on which nothing is compressed, so that the library writes whole frames at once, too. A long body is not
 * copied for each receiver: all their sockets hold the same bytes.
 *
 * @returns how many bytes that were
 */
export function writeText(wire: Writable, head: Buffer, body: Buffer): number {
  const length = head.length + body.length + END.length;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const headAt = 2 + lengthBytes;
  const bodyAt = headAt + head.length;
  const isCopied = body.length <= COPIED_BYTES;
  const begin = Buffer.allocUnsafe(isCopied ? bodyAt + body.length + END.length : bodyAt);
  begin[0] = FINAL_TEXT;
  begin[1] = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
  if (lengthBytes === 2) begin.writeUInt16BE(length, 2);
  else if (lengthBytes === 8) begin.writeBigUInt64BE(BigInt(length), 2);
  head.copy(begin, headAt);
  if (isCopied) {
    body.copy(begin, bodyAt);
    END.copy(begin, bodyAt + body.length);
    wire.write(begin);
    return begin.length;
  }
  wire.cork();
  wire.write(begin);
  wire.write(body);
  wire.write(END);
  wire.uncork();
  return begin.length + body.length + END.length;
}
