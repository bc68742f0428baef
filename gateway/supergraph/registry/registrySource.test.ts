import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RequestHandler } from '../../../platform/http/httpServer.js';
import { sendJson } from '../../../platform/http/sendJson.js';
import { type FakeRegistry, newKeys, startFakeRegistry } from '../../../test/support/fakeRegistry.js';
import { recordingLogger } from '../../../test/support/recordingLogger.js';
import { until } from '../../../test/support/until.js';
import { Backoff } from '../../cache/feed/backoff.js';
import type { SupergraphSource } from '../supergraphSource.js';
import { createRegistryClient } from './registryClient.js';
import { registryConfigSchema, registryConnection } from './registryConfig.js';
import type { RegistryProblemKind } from './registryProblem.js';
import { createRegistrySource } from './registrySource.js';

let folder: string;
let cacheFile: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'headgate-registry-'));
  cacheFile = path.join(folder, 'deep/supergraph.json');
});
afterEach(() => rm(folder, { recursive: true }));

interface Follower extends AsyncDisposable {
  readonly source: SupergraphSource;
  readonly lines: Record<string, unknown>[];
  /** Texts that came after the first. */
  readonly changes: string[];
  problem(): RegistryProblemKind | undefined;
}

/** A source on a registry, and a gateway that serves every text that comes but those that say "unservable". */
function follow(
  registry: FakeRegistry,
  settings: { timeoutMs?: number; minIntervalMs?: number } = {},
): Follower {
  const { logger, lines } = recordingLogger();
  const { minIntervalMs = 1, ...rest } = settings;
  const config = {
    ...registryConfigSchema.parse({ ...registry.connection, cacheFile, ...rest }),
    ...registry.connection,
  };
  const source = createRegistrySource({
    config,
    client: createRegistryClient(config),
    logger,
    backoff: new Backoff({ minMs: 1, maxMs: 4 }),
    minIntervalMs,
  });
  const changes: string[] = [];
  return {
    source,
    lines,
    changes,
    problem: () => source.status?.().problem?.kind,
    [Symbol.asyncDispose]: async () => source.close(),
  };
}

function watch({ source, changes }: Follower): void {
  source.watch(
    (text) => {
      changes.push(text);
      if (text.includes('unservable')) source.refused?.(text, new Error('no supergraph'));
      else source.adopted?.(text);
    },
    () => undefined,
  );
}

async function startServing(follower: Follower): Promise<string> {
  const text = await follower.source.read();
  follower.source.adopted?.(text);
  watch(follower);
  return text;
}

describe('a supergraph from a registry', () => {
  it('is read, and each change is there as soon as it is published', async () => {
    await using registry = await startFakeRegistry('one');
    await using follower = follow(registry);
    expect(await startServing(follower)).toBe('one');
    registry.publish('two');
    await until('the change is seen', () => follower.changes.length === 1);
    registry.publish('three');
    await until('the next is seen', () => follower.changes.length === 2);
    expect(follower.changes).toEqual(['two', 'three']);
    expect(follower.source.status?.()).toMatchObject({ from: 'registry', version: 3, problem: undefined });
    // Nothing was sent twice.
    expect(registry.statuses).toEqual([200, 200, 200]);
  });

  it('may go back to an older one, which is said', async () => {
    await using registry = await startFakeRegistry('one');
    await using follower = follow(registry);
    await startServing(follower);
    registry.publish('two');
    await until('the change is seen', () => follower.changes.length === 1);
    registry.publish('one', { version: 1 });
    await until('the rollback is seen', () => follower.changes.length === 2);
    expect(follower.source.status?.()).toMatchObject({ version: 1, problem: undefined });
    expect(follower.lines.map(({ msg }) => msg)).toContain('the registry went back to an older supergraph');
  });

  it('is not asked for all the time by a gateway whose registry never waits', async () => {
    await using registry = await startFakeRegistry('one');
    await using follower = follow(registry, { minIntervalMs: 600_000 });
    await startServing(follower);
    const asked = () => (follower.source.status?.().answers ?? []).reduce((sum, { value }) => sum + value, 0);
    let answered = 0;
    registry.breakWith((_request, response) => {
      answered += 1;
      response.writeHead(304).end();
    });
    await until('it was told that nothing is new', () => asked() === 2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(1);
  });

  it('ends with the source: nobody is left waiting', async () => {
    await using registry = await startFakeRegistry('one');
    const follower = follow(registry);
    await startServing(follower);
    await follower.source.close();
    registry.publish('two');
    expect(follower.changes).toEqual([]);
    expect(follower.problem()).toBeUndefined();
  });
});

describe('a registry that cannot be followed', () => {
  const stranger = newKeys();
  const answer =
    (status: number, body: string, headers: Record<string, string> = {}): RequestHandler =>
    (_request, response) => {
      response.writeHead(status, headers).end(body);
    };
  const hash = '0'.repeat(64);
  const numbers = { 'headgate-version': '9', 'headgate-revision': '9' };

  it.each<[string, RegistryProblemKind, RequestHandler]>([
    ['breaks off', 'unreachable', (request) => void request.socket.destroy()],
    ['fails', 'unreachable', answer(500, 'oops')],
    ['is slow', 'timeout', () => undefined],
    [
      'drips',
      'timeout',
      (_request, response) => void response.writeHead(200, { etag: `"${hash}"` }).write('x'),
    ],
    [
      'does not know the token',
      'denied',
      (_request, response) => sendJson(response, 401, { code: 'UNAUTHENTICATED' }),
    ],
    ['has nothing', 'unpublished', (_request, response) => sendJson(response, 404, { code: 'NOT_FOUND' })],
    ['is a web page', 'garbage', answer(200, '<html>')],
    ['is another server', 'garbage', answer(404, 'Not found')],
    [
      'sends another text than it says',
      'garbage',
      answer(200, 'evil', { etag: `"${hash}"`, ...numbers, 'headgate-signature': 'AAAA' }),
    ],
    ['does not sign', 'signature', answer(200, 'evil', { etag: `"${hash}"`, ...numbers })],
  ])('because it %s changes nothing, and says so', async (_what, kind, fault) => {
    await using registry = await startFakeRegistry('one');
    await using follower = follow(registry, { timeoutMs: 2_000 });
    await follower.source.read();
    follower.source.adopted?.('one');
    registry.breakWith(fault);
    // A wait of its own would be part of the deadline, so this one is asked as at a start.
    await expect(follower.source.read()).rejects.toMatchObject({ name: 'RegistryProblem', kind });
    expect(follower.problem()).toBe(kind);
    registry.breakWith(undefined);
    watch(follower);
    registry.publish('two');
    await until('it is followed again', () => follower.changes.length === 1);
    expect(follower.changes).toEqual(['two']);
    expect(follower.problem()).toBeUndefined();
    const said = follower.lines.map(({ msg, problem }) => [msg, problem]);
    expect(said).toContainEqual([expect.stringContaining('cannot be followed'), kind]);
    expect(said.map(([msg]) => msg)).toContain('the registry is followed again');
  });

  it('is known to be back as soon as it answers, not only when it has waited for a change', async () => {
    await using registry = await startFakeRegistry('one');
    await using follower = follow(registry);
    await startServing(follower);
    registry.breakWith((_request, response) => void response.writeHead(503).end());
    registry.publish('one', { version: 1 });
    await until('it fails', () => follower.problem() === 'unreachable');
    registry.breakWith(undefined);
    await until('it is back', () => follower.problem() === undefined);
    expect(follower.changes).toEqual([]);
  });

  it('because a stranger signed changes nothing, says it once, and goes on asking', async () => {
    await using registry = await startFakeRegistry('one');
    await using follower = follow(registry);
    await startServing(follower);
    registry.publish('evil', { signer: stranger.privateKey });
    await until('it has asked again and again', () => registry.statuses.length >= 5);
    expect(follower.changes).toEqual([]);
    expect(follower.problem()).toBe('signature');
    expect(follower.lines.filter(({ problem }) => problem === 'signature')).toHaveLength(1);
    registry.publish('two');
    await until('it is followed again', () => follower.changes.length === 1);
    expect(follower.problem()).toBeUndefined();
  });

  it('because an old answer is replayed, rightly signed, changes nothing, also at a start', async () => {
    await using registry = await startFakeRegistry('one');
    await using follower = follow(registry);
    await startServing(follower);
    registry.publish('two');
    await until('the change is seen', () => follower.changes.length === 1);
    registry.publish('one', { version: 1, revision: 1 });
    await until('it was refused', () => follower.problem() === 'outdated');
    expect(follower.changes).toEqual(['two']);
    await follower.source.close();
    await using restarted = follow(registry);
    await expect(restarted.source.read()).rejects.toMatchObject({ kind: 'outdated' });
    expect(await restarted.source.readKept?.()).toBe('two');
    // The same text by a rollback is another matter.
    registry.publish('one', { version: 1, revision: 3 });
    expect(await restarted.source.read()).toBe('one');
  });

  it('because nobody can serve what it gives is not asked for that again, and is cured by a rollback', async () => {
    await using registry = await startFakeRegistry('one');
    await using follower = follow(registry);
    await startServing(follower);
    registry.publish('unservable');
    await until('it was refused', () => follower.problem() === 'unservable');
    expect(follower.source.status?.()).toMatchObject({ from: 'registry', version: 1 });
    registry.publish('one', { version: 1 });
    await until('it is what is served', () => follower.problem() === undefined);
    expect(follower.changes).toEqual(['unservable']);
    expect(registry.statuses).toEqual([200, 200, 200]);
    await follower.source.close();
    expect(JSON.parse(await readFile(cacheFile, 'utf8'))).toMatchObject({ supergraphSdl: 'one', version: 1 });
  });

  it('because nobody can serve what it gives says so again after it was away', async () => {
    await using registry = await startFakeRegistry('one');
    await using follower = follow(registry);
    await startServing(follower);
    registry.publish('unservable');
    await until('it was refused', () => follower.problem() === 'unservable');
    registry.breakWith((request) => void request.socket.destroy());
    await until('it is away', () => follower.problem() === 'unreachable');
    registry.breakWith(undefined);
    await until('it is back', () => follower.problem() === 'unservable');
    const said = follower.lines.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
    expect(said).toEqual(['unservable', 'unreachable', 'unservable']);
    expect(follower.changes).toEqual(['unservable']);
  });
});

describe('what was served last', () => {
  async function serveOnce(registry: FakeRegistry): Promise<void> {
    await using follower = follow(registry);
    await startServing(follower);
  }

  it('is there when the registry is not', async () => {
    await using registry = await startFakeRegistry('one');
    await serveOnce(registry);
    registry.breakWith((request) => void request.socket.destroy());
    await using follower = follow(registry);
    await expect(follower.source.read()).rejects.toThrow();
    expect(await follower.source.readKept?.()).toBe('one');
    follower.source.adopted?.('one');
    expect(follower.source.status?.()).toMatchObject({
      from: 'disk',
      version: 1,
      problem: { kind: 'unreachable' },
    });
    watch(follower);
    registry.breakWith(undefined);
    registry.publish('one', { version: 1 });
    registry.publish('two');
    await until('it is followed again', () => follower.changes.length === 1);
    expect(follower.source.status?.()).toMatchObject({ from: 'registry', version: 2, problem: undefined });
  });

  it('is nothing before anything was served', async () => {
    await using registry = await startFakeRegistry();
    await using follower = follow(registry);
    await expect(follower.source.read()).rejects.toMatchObject({ kind: 'unpublished' });
    expect(await follower.source.readKept?.()).toBeUndefined();
  });

  it.each([
    ['half written', (text: string) => text.slice(0, -10)],
    ['changed by somebody', (text: string) => text.replace('"one"', '"evil"')],
    [
      'changed with its hash, but not signed anew',
      (text: string) => text.replace('"version":1', '"version":2'),
    ],
  ])('is not used when it is %s', async (_what, change) => {
    await using registry = await startFakeRegistry('one');
    await serveOnce(registry);
    await writeFile(cacheFile, change(await readFile(cacheFile, 'utf8')));
    await using follower = follow(registry);
    expect(await follower.source.readKept?.()).toBeUndefined();
    expect(follower.lines.map(({ msg }) => msg)).toContain('what was kept on disk is not used');
  });

  it('is served without being kept where the disk refuses, which is said', async () => {
    await writeFile(path.join(folder, 'deep'), 'a file where the folder should be');
    await using registry = await startFakeRegistry('one');
    const follower = follow(registry);
    await startServing(follower);
    await follower.source.close();
    expect(follower.lines).toMatchObject([
      { level: 40, msg: expect.stringContaining('cannot be kept on disk') },
    ]);
  });
});

describe('the configuration of a registry', () => {
  const { publicKey } = newKeys();
  const token = 'a-token-of-gateways';
  const parses = (publicKeyText: string) =>
    registryConfigSchema.safeParse({ url: 'http://127.0.0.1:1', token, publicKey: publicKeyText }).success;

  it('takes keys as PEM, also two of them, or with escaped line breaks, or as the base64 within', () => {
    const base64 = publicKey.split('\n').slice(1, -2).join('');
    expect(
      [publicKey, publicKey + newKeys().publicKey, publicKey.replaceAll('\n', '\\n'), base64].map(parses),
    ).toEqual([true, true, true, true]);
  });

  it('takes no other text, and no registry without key or token', () => {
    expect(['', 'secret', `${publicKey.slice(0, 60)}`].map(parses)).toEqual([false, false, false]);
    const connect = (given: object) => () =>
      registryConnection(registryConfigSchema.parse({ url: 'http://127.0.0.1:1', ...given }));
    expect(connect({ token })).toThrow('gateway.registry.publicKey: expected');
    expect(connect({ publicKey })).toThrow('gateway.registry.token: expected');
    expect(connect({ token, publicKey })()).toMatchObject({ token, publicKey });
    expect(registryConnection(registryConfigSchema.parse({ token, publicKey }))).toBeUndefined();
  });
});
