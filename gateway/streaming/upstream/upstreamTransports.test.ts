import { upstreamTransportContract } from '../../../test/support/upstreamTransportContract.js';

describe('a subscription at a subgraph over graphql-ws', () => {
  upstreamTransportContract({ scheme: 'ws', door: ({ socket }) => socket });
});

describe('a subscription at a subgraph over SSE', () => {
  upstreamTransportContract({ scheme: 'http', door: ({ eventStreams }) => eventStreams });
});
