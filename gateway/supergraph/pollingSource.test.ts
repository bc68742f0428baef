import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listen } from '../../platform/http/httpServer.js';
import { silentLogger } from '../../platform/logger.js';
import { until } from '../../test/support/until.js';
import { createPollingSource } from './pollingSource.js';
import type { SupergraphSource } from './supergraphSource.js';

const POLL_MS = 2;

/** Watches until disposed, and keeps what it was told. */
function watch(source: SupergraphSource) {
  const changes: string[] = [];
  const failures: unknown[] = [];
  source.watch(
    (text) => void changes.push(text),
    (error) => failures.push(error),
  );
  return { changes, failures, [Symbol.dispose]: () => source.close() };
}

describe('a supergraph in a file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'headgate-source-'));
    file = path.join(folder, 'supergraph.graphql');
    await writeFile(file, 'one');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** At once, as a deployment does it: a file that is half written must not be read. */
  async function replace(text: string) {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  }

  it('is read as it is now', async () => {
    const source = createPollingSource(file, POLL_MS);
    expect(await source.read()).toBe('one');
    await replace('two');
    expect(await source.read()).toBe('two');
    expect(source.description).toBe(file);
  });

  it('cannot be read while it is missing', async () => {
    const source = createPollingSource(path.join(folder, 'none.graphql'), POLL_MS);
    await expect(source.read()).rejects.toThrow('ENOENT');
  });

  it('is told about once per change, and not before one', async () => {
    const source = createPollingSource(file, POLL_MS);
    await source.read();
    using watching = watch(source);
    await replace('two');
    await until('the first change is seen', () => watching.changes.length === 1);
    await replace('three');
    await until('the second change is seen', () => watching.changes.length === 2);
    expect(watching.changes).toEqual(['two', 'three']);
    expect(watching.failures).toEqual([]);
  });

  it('survives a time without the file, and comes back only with another text', async () => {
    const source = createPollingSource(file, POLL_MS);
    await source.read();
    using watching = watch(source);
    await rm(file);
    await until('failures are told', () => watching.failures.length >= 2);
    await replace('one');
    await replace('two');
    await until('the change is seen', () => watching.changes.length === 1);
    expect(watching.changes).toEqual(['two']);
    expect(watching.failures[0]).toMatchObject({ code: 'ENOENT' });
  });
});

describe('a supergraph behind a URL', () => {
  type Answer = { status: number; body?: string; etag?: string };

  /** Answers what `answer` says at the time, and 304 to a matching `if-none-match`. */
  async function startRegistry(answer: Answer) {
    const current = { ...answer };
    const requests: IncomingMessage['headers'][] = [];
    const statuses: number[] = [];
    const server = await listen({
      port: 0,
      logger: silentLogger(),
      drainTimeoutMs: 1,
      handler(request, response) {
        const isKnown = current.etag !== undefined && request.headers['if-none-match'] === current.etag;
        const status = isKnown ? 304 : current.status;
        requests.push(request.headers);
        statuses.push(status);
        response.writeHead(status, current.etag === undefined ? {} : { etag: current.etag });
        response.end(isKnown ? undefined : current.body);
      },
    });
    return {
      url: `${server.url}/supergraph`,
      requests,
      statuses,
      set(next: Answer) {
        Object.assign(current, { body: undefined, etag: undefined }, next);
      },
      [Symbol.asyncDispose]: () => server.close(),
    };
  }

  it('is asked for with the tag of the text that is known, so that nothing is sent twice', async () => {
    await using registry = await startRegistry({ status: 200, body: 'one', etag: '"1"' });
    const source = createPollingSource(registry.url, POLL_MS);
    expect(await source.read()).toBe('one');
    using watching = watch(source);
    await until('it has been looked at again', () => registry.statuses.length >= 3);
    expect(registry.statuses.slice(0, 3)).toEqual([200, 304, 304]);
    expect(registry.requests[0]).not.toHaveProperty('if-none-match');
    registry.set({ status: 200, body: 'two', etag: '"2"' });
    await until('the change is seen', () => watching.changes.length === 1);
    expect(watching).toMatchObject({ changes: ['two'], failures: [] });
  });

  it('is compared as text when the server gives no tag', async () => {
    await using registry = await startRegistry({ status: 200, body: 'one' });
    const source = createPollingSource(registry.url, POLL_MS);
    await source.read();
    using watching = watch(source);
    await until('it has been looked at again', () => registry.statuses.length >= 3);
    registry.set({ status: 200, body: 'two' });
    await until('the change is seen', () => watching.changes.length === 1);
    expect(watching.changes).toEqual(['two']);
    expect(registry.requests.some((headers) => 'if-none-match' in headers)).toBe(false);
  });

  it('is kept through failures of the server, which are told, until it answers again', async () => {
    await using registry = await startRegistry({ status: 200, body: 'one', etag: '"1"' });
    const source = createPollingSource(registry.url, POLL_MS);
    await source.read();
    using watching = watch(source);
    registry.set({ status: 503, body: 'two, if you believed it' });
    await until('failures are told', () => watching.failures.length >= 2);
    expect(String(watching.failures[0])).toBe(`Error: ${registry.url} answered 503`);
    registry.set({ status: 200, body: 'three', etag: '"3"' });
    await until('the change is seen', () => watching.changes.length === 1);
    expect(watching.changes).toEqual(['three']);
  });

  it('is not looked at any more once closed', async () => {
    await using registry = await startRegistry({ status: 200, body: 'one' });
    const source = createPollingSource(registry.url, POLL_MS);
    await source.read();
    const watching = watch(source);
    await until('it has been looked at again', () => registry.statuses.length >= 2);
    source.close();
    registry.set({ status: 200, body: 'two' });
    // A source that began later looks often enough meanwhile for the closed one to have had its turn.
    using other = watch(createPollingSource(registry.url, POLL_MS));
    const before = registry.statuses.length;
    await until('others have looked', () => registry.statuses.length >= before + 5);
    expect(other.changes).toEqual(['two']);
    expect(watching.changes).toEqual([]);
  });

  /** Never comes to an end of its answer. */
  async function startDripping() {
    const seen = { asked: 0, gone: 0 };
    const server = await listen({
      port: 0,
      logger: silentLogger(),
      drainTimeoutMs: 1,
      handler(_request, response) {
        seen.asked += 1;
        response.writeHead(200);
        const drip = setInterval(() => response.write('x'), 5);
        response.once('close', () => {
          seen.gone += 1;
          clearInterval(drip);
        });
      },
    });
    return { url: server.url, seen, [Symbol.asyncDispose]: () => server.close() };
  }

  it('is given up when it does not come to its end, and asked for again', async () => {
    await using dripping = await startDripping();
    using source = watch(createPollingSource(dripping.url, POLL_MS, 50));
    await until('it was asked for twice', () => dripping.seen.asked === 2);
    expect(String(source.failures[0])).toBe(`Error: ${dripping.url}: no whole answer within 50 ms`);
  });

  it('holds no process that ends: what is under way is given up', async () => {
    await using dripping = await startDripping();
    const source = createPollingSource(dripping.url, POLL_MS);
    const watching = watch(source);
    await until('it is asked for', () => dripping.seen.asked === 1);
    source.close();
    await until('the request is given up', () => dripping.seen.gone === 1);
    expect(watching.failures).toEqual([]);
  });
});
