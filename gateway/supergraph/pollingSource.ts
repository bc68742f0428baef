import { readFile } from 'node:fs/promises';
import { request } from 'undici';
import type { SupergraphSource } from './supergraphSource.js';

/**
 * A supergraph in a file or behind an http(s) URL, looked at every `pollMs`. A file is polled rather than watched:
 * mounted configuration (Kubernetes swaps a symbolic link) and network disks give no dependable change events.
 */
export function createPollingSource(
  location: string,
  pollMs: number,
  answerTimeoutMs = ANSWER_TIMEOUT_MS,
): SupergraphSource {
  const closing = new AbortController();
  const read = /^https?:\/\//.test(location)
    ? createUrlReader(location, answerTimeoutMs, closing.signal)
    : () => readFile(location, 'utf8');
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
      closing.abort();
    },
  };
}

const HEADERS_TIMEOUT_MS = 10_000;
/** All of it: megabytes, maybe over a slow line. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Asks with `If-None-Match`, so that an unchanged supergraph costs a few bytes. */
function createUrlReader(url: string, timeoutMs: number, closing: AbortSignal): () => Promise<string> {
  let etag: string | undefined;
  let text: string | undefined;

  async function ask(signal: AbortSignal): Promise<string> {
    const answer = await request(url, {
      headers: etag !== undefined && text !== undefined ? { 'if-none-match': etag } : {},
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: 0,
      signal,
    });
    const body = await answer.body.text();
    if (answer.statusCode === 304 && text !== undefined) return text;
    if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`);
    const sent = answer.headers['etag'];
    etag = typeof sent === 'string' ? sent : undefined;
    text = body;
    return body;
  }

  return async () => {
    // One deadline for all of it: an answer that drips in byte by byte is none.
    const end = new AbortController();
    const giveUp = () => end.abort();
    const timer = setTimeout(
      () => end.abort(new Error(`${url}: no whole answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    closing.addEventListener('abort', giveUp, { once: true });
    if (closing.aborted) giveUp();
    try {
      return await ask(end.signal);
    } finally {
      clearTimeout(timer);
      closing.removeEventListener('abort', giveUp);
    }
  };
}
