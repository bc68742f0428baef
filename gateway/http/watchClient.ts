import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';

export interface WatchedClient {
  /** Aborted when the client goes away before its answer has gone out. */
  readonly signal: AbortSignal;
  /**
   * To be called when the answer is there. As long as a client is watched, its response holds on to whatever listens to
   * the signal, and with that to the load and to all of the answer as text, for as long as a slow reader takes.
   */
  unwatch(): void;
}

/** Tells when a client no longer waits for its answer. */
export function watchClient(response: ServerResponse): WatchedClient {
  const gone = new AbortController();
  // As many listen as fetches are under way.
  setMaxListeners(0, gone.signal);
  const notice = () => {
    if (!response.writableFinished) gone.abort(new Error('the client went away'));
  };
  response.once('close', notice);
  return { signal: gone.signal, unwatch: () => response.off('close', notice) };
}
