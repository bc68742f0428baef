import { readFile } from 'node:fs/promises';
import { request } from 'undici';
import type { SupergraphSource } from './supergraphSource.js';

/**
 * A supergraph in a file or behind an http(s) URL, looked at every `pollMs`. A file is polled rather than watched:
 * mounted configuration (Kubernetes swaps a symbolic link) and network disks give no dependable change events.
 */
export function createPollingSource(location: string, pollMs: number): SupergraphSource {
  const read = /^https?:\/\//.test(location) ? createUrlReader(location) : () => readFile(location, 'utf8');
  let known: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  return {
    description: location,
    async read() {
      known = await read();
      return known;
    },
    watch(onChange, onFailure) {
      const look = async () => {
        try {
          const text = await read();
          if (closed || text === known) return;
          known = text;
          await onChange(text);
        } catch (error) {
          if (!closed) onFailure(error);
        }
      };
      const schedule = () => {
        timer = setTimeout(() => void look().finally(() => closed || schedule()), pollMs);
        timer.unref();
      };
      schedule();
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

const REQUEST_TIMEOUT_MS = 10_000;

/** Asks with `If-None-Match`, so that an unchanged supergraph costs a few bytes. */
function createUrlReader(url: string): () => Promise<string> {
  let etag: string | undefined;
  let text: string | undefined;
  return async () => {
    const answer = await request(url, {
      headers: etag !== undefined && text !== undefined ? { 'if-none-match': etag } : {},
      headersTimeout: REQUEST_TIMEOUT_MS,
      bodyTimeout: REQUEST_TIMEOUT_MS,
    });
    const body = await answer.body.text();
    if (answer.statusCode === 304 && text !== undefined) return text;
    if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`);
    const sent = answer.headers['etag'];
    etag = typeof sent === 'string' ? sent : undefined;
    text = body;
    return body;
  };
}
