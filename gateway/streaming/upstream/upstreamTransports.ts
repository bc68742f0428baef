import { createEventStreamTransport } from './eventStreamTransport.js';
import { createSocketTransport } from './socketTransport.js';
import type { UpstreamRequest, UpstreamTransport, UpstreamTransportOptions } from './upstreamTransport.js';

/** One transport for each protocol that subgraphs may speak. */
export interface UpstreamTransports {
  /** The address tells the protocol: `ws` is graphql-ws, `http` is SSE. */
  of(request: Pick<UpstreamRequest, 'url'>): UpstreamTransport;
  close(): void;
}

export function createUpstreamTransports(options: UpstreamTransportOptions): UpstreamTransports {
  const sockets = createSocketTransport(options);
  const eventStreams = createEventStreamTransport(options);
  return {
    of: ({ url }) => (url.startsWith('http') ? eventStreams : sockets),
    close() {
      sockets.close();
      eventStreams.close();
    },
  };
}
