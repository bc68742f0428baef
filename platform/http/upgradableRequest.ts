import { IncomingMessage } from 'node:http';

const ASKED = Symbol('asked for an upgrade');

/**
 * A request that Node hands to the listener for upgrades only where it asks for a WebSocket. Node itself hands it each
 * one with the header `Upgrade`, and Java's `HttpClient` and `curl --http2` offer HTTP/2 with ordinary requests: who does
 * not speak what is offered ignores it and answers (RFC 9110, section 7.8).
 */
export class UpgradableRequest extends IncomingMessage {
  [ASKED]?: boolean | null;

  /** Written by Node's parser before the headers are there, and read after them. */
  get upgrade(): boolean {
    if (this[ASKED] !== true) return false;
    return this.method === 'CONNECT' || this.headers.upgrade?.toLowerCase() === 'websocket';
  }

  set upgrade(asked: boolean | null) {
    this[ASKED] = asked;
  }
}
