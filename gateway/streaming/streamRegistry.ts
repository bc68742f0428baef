import type { GraphQLFormattedError } from 'graphql';
import { CodedError } from '../../platform/errors.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import { Audience } from './audience.js';
import type { StreamScope } from './streamScope.js';
import type { StreamSink } from './streamSink.js';

/** What makes the results of a stream. */
export interface StreamSource {
  /** Called after the first one has joined. */
  start(): void;
  /** What one who comes later is sent at once; `undefined` when there is nothing to know. */
  latest?(): Buffer | undefined;
  /** Lets go of everything. Called once. */
  stop(): void;
}

interface Stream {
  readonly audience: Audience;
  readonly source: StreamSource;
  readonly scope: StreamScope;
}

/** Streams that are under way. Equal ones are one, with all who want it as its audience. */
export interface StreamRegistry {
  /** @returns a function that leaves; the last one to leave stops the stream */
  join(
    key: string,
    scope: StreamScope,
    sink: StreamSink,
    open: (audience: Audience) => StreamSource,
  ): () => void;
  /** Ends the streams that cannot go on now that this snapshot is the newest: their clients are told to come again. */
  adopt(snapshot: Snapshot): void;
  /** Of the streams whose keys begin so. */
  count(prefix: string): { readonly streams: number; readonly subscribers: number };
}

/** @param urlOf where requests and subscriptions for a subgraph go */
export function createStreamRegistry(
  urlOf: (snapshot: Snapshot, subgraph: string) => string | undefined,
): StreamRegistry {
  const streams = new Map<string, Stream>();

  function begin(key: string, scope: StreamScope, open: (audience: Audience) => StreamSource): Stream {
    const audience = new Audience(() => {
      if (streams.get(key) === stream) streams.delete(key);
      source.stop();
    });
    const source = open(audience);
    const stream: Stream = { audience, source, scope };
    streams.set(key, stream);
    return stream;
  }

  /** What cannot be begun must not be there for those who come later. */
  function start(source: StreamSource, leave: () => void): void {
    try {
      source.start();
    } catch (error) {
      leave();
      throw error;
    }
  }

  return {
    join(key, scope, sink, open) {
      const known = streams.get(key);
      const { audience, source } = known ?? begin(key, scope, open);
      audience.join(sink);
      if (known === undefined) start(source, () => audience.leave(sink));
      else {
        const latest = source.latest?.();
        if (latest !== undefined) sink.next(latest);
      }
      return () => audience.leave(sink);
    },
    adopt(snapshot) {
      for (const { scope, audience } of [...streams.values()]) {
        const moved = [...scope.subgraphs].find(
          (name) => urlOf(snapshot, name) !== urlOf(scope.snapshot, name),
        );
        if (moved !== undefined) audience.fail([changed(moved)]);
      }
    },
    count(prefix) {
      const counted = { streams: 0, subscribers: 0 };
      for (const [key, { audience }] of streams) {
        if (!key.startsWith(prefix)) continue;
        counted.streams += 1;
        counted.subscribers += audience.size;
      }
      return counted;
    },
  };
}

function changed(subgraph: string): GraphQLFormattedError {
  const message = `Subgraph "${subgraph}" is gone, or lives elsewhere: subscribe again.`;
  return new CodedError('SUPERGRAPH_CHANGED', message, { extensions: { service: subgraph } }).toJSON();
}
