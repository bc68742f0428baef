import type { CacheRecord } from '../cacheTier.js';
import type { BackgroundWork } from '../fetch/backgroundWork.js';
import type { EntryLink } from '../memoryStore.js';
import type { AnswerFacts } from '../responseFacts.js';
import type { TieredCache, TieredToken } from '../tieredCache.js';
import type { ClientWatch } from './clientWatch.js';
import { encodeBody, PreparedResponse } from './preparedResponse.js';
import type { ResponseKeys } from './responseKeys.js';
import { SharedLoad } from './sharedLoad.js';

/** One answer of the server behind the cache. */
export interface LoadedResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly contentType: string;
  readonly body: string;
  /** The same as it is sent, from when it is first sent. */
  bytes?: Buffer;
  /** What allows it to be kept; `undefined` when it must not be. */
  readonly facts: AnswerFacts | undefined;
  /** Whether a subgraph that is told the identity had a part in it. */
  readonly identityBound: boolean;
  /** Whether a subgraph said that a part of it is for one person only. */
  readonly private: boolean;
  /** Whether a part of it is for this request alone: nobody may be given it who only waited for it. */
  readonly apart: boolean;
  /** Whether a part of it was in this process before the request came. */
  readonly composed: boolean;
}

export type ResponseOutcome =
  | { readonly kind: 'prepared'; readonly prepared: PreparedResponse; readonly cacheStatus: string }
  | { readonly kind: 'loaded'; readonly loaded: LoadedResponse; readonly cacheStatus: string };

export interface AnswerOptions {
  readonly keys: ResponseKeys;
  readonly mayRead: boolean;
  readonly mayStore: boolean;
  /** Whether whole responses are kept at all; without it no tier is asked. @default true */
  readonly isKept?: boolean;
  /** Whether equal requests may wait for one answer: only for what is sure to be a query. */
  readonly mayJoin: boolean;
  /** Whoever waits for the answer. */
  readonly client: ClientWatch;
  load(signal: AbortSignal): Promise<LoadedResponse>;
}

export interface ResponseCache {
  /** A fresh answer that is ready in memory; costs two look-ups at most. */
  peek(keys: ResponseKeys): ResponseOutcome | undefined;
  answer(options: AnswerOptions): Promise<ResponseOutcome>;
  /** From now on nobody joins a load that is under way: what it reads may be older than an invalidation. */
  closeLoads(): void;
}

export interface ResponseCacheOptions {
  readonly store: TieredCache<PreparedResponse>;
  /** False while invalidations of something in the record may be missing. */
  readonly isTrusted: (record: CacheRecord) => boolean;
  readonly now: () => number;
  readonly background: BackgroundWork;
}

export function createResponseCache(options: ResponseCacheOptions): ResponseCache {
  const { store, isTrusted, now, background } = options;
  const loads = new Map<string, SharedLoad<ResponseOutcome>>();
  /** Those that began with an answer which may still be served: nobody has to wait for them. */
  const refreshes = new WeakSet<SharedLoad<ResponseOutcome>>();

  /** What was made ready before, where the record is the one in memory; else it is made ready for this once. */
  function prepare(key: string, record: CacheRecord): PreparedResponse {
    const entry = store.memory.peek(key);
    if (entry?.record !== record) return new PreparedResponse(record);
    if (entry.prepared !== undefined) return entry.prepared;
    const prepared = new PreparedResponse(record, (bytes) => store.memory.grow(key, bytes));
    store.memory.prepare(entry, prepared, prepared.bytes);
    return prepared;
  }

  function ready(key: string, link?: EntryLink<PreparedResponse>): ResponseOutcome | undefined {
    const entry = store.peek(key, link);
    if (entry === undefined || !isTrusted(entry.record)) return undefined;
    const prepared = entry.prepared ?? prepare(key, entry.record);
    return { kind: 'prepared', prepared, cacheStatus: 'hit; tier=memory' };
  }

  function outcome(key: string, record: CacheRecord, cacheStatus: string): ResponseOutcome {
    return { kind: 'prepared', prepared: prepare(key, record), cacheStatus };
  }

  /** Loads, stores what may be stored, and answers with it either way. */
  async function fill(
    { keys, mayStore, load }: AnswerOptions,
    tokens: readonly TieredToken[],
    signal: AbortSignal,
  ): Promise<ResponseOutcome> {
    const loaded = await load(signal);
    const miss: ResponseOutcome = { kind: 'loaded', loaded, cacheStatus: 'miss' };
    if (!mayStore || loaded.facts === undefined || loaded.status !== 200) return miss;
    // A private answer to nobody in particular would be served to everybody who is nobody.
    if (loaded.private && isAnonymous(keys)) return miss;
    const scoped = loaded.identityBound || loaded.private;
    const [key, token] = scoped ? [keys.scoped, tokens[1]] : [keys.shared, tokens[0]];
    if (token === undefined) return miss;
    const record: CacheRecord = {
      body: encodeBody(loaded.contentType, loaded.body),
      ...loaded.facts,
      // We keep it per identity. A cache on the way does not know who asks, whatever `Vary` says.
      scope: scoped ? 'private' : 'public',
    };
    // Its token is younger than such a part. The shared tier would take it, although a purge that this process has not
    // heard of yet came between them; memory knows all that this process was told, and refuses.
    const allowed = loaded.composed ? { ...token, remote: undefined } : token;
    const { kept, remote } = store.write([{ key, record, token: allowed }]);
    background.run(remote);
    const [keptRecord] = kept;
    return keptRecord === undefined ? miss : outcome(key, keptRecord, 'miss; stored');
  }

  function start(
    answer: AnswerOptions,
    tokens: readonly TieredToken[] | Promise<readonly TieredToken[]>,
  ): SharedLoad<ResponseOutcome> {
    const key = answer.keys.scoped;
    const shared = new SharedLoad(async (signal) => fill(answer, await tokens, signal));
    loads.set(key, shared);
    const done = () => {
      if (loads.get(key) === shared) loads.delete(key);
    };
    shared.result.then(done, done);
    return shared;
  }

  function joinable({ scoped }: ResponseKeys): SharedLoad<ResponseOutcome> | undefined {
    const load = loads.get(scoped);
    return load?.abandoned ? undefined : load;
  }

  /** In the background, and once, however many are given the old answer meanwhile. */
  function refresh(answer: AnswerOptions): void {
    const { keys } = answer;
    if (joinable(keys) !== undefined) return;
    const load = start(answer, store.begin([keys.shared, keys.scoped]));
    refreshes.add(load);
    background.run(load.wait());
  }

  async function join(shared: SharedLoad<ResponseOutcome>, answer: AnswerOptions): Promise<ResponseOutcome> {
    const outcome = await shared.wait(answer.client);
    if (outcome.kind === 'loaded' && outcome.loaded.apart) {
      const { keys, isKept = true, client } = answer;
      return fill(answer, isKept ? await store.begin([keys.shared, keys.scoped]) : [], client.signal);
    }
    return { ...outcome, cacheStatus: 'joined' };
  }

  return {
    peek(keys) {
      return ready(keys.shared, keys.link) ?? ready(keys.scoped);
    },

    async answer(answer) {
      const { keys, mayRead, mayJoin, isKept = true, client } = answer;
      const names = [keys.shared, keys.scoped];
      if (!mayRead) return fill(answer, isKept ? await store.begin(names) : [], client.signal);
      const underWay = mayJoin ? joinable(keys) : undefined;
      if (underWay !== undefined && !refreshes.has(underWay)) return join(underWay, answer);
      if (!isKept) return mayJoin ? start(answer, []).wait(client) : fill(answer, [], client.signal);
      const reads = await store.read(names);
      const time = now();
      for (const [index, { hit, tier }] of reads.entries()) {
        const key = names[index] as string;
        if (hit === undefined || !isTrusted(hit)) continue;
        if (hit.freshUntil > time) return outcome(key, hit, `hit; tier=${tier}`);
        if (hit.staleUntil <= time) continue;
        refresh(answer);
        return outcome(key, hit, `stale; tier=${tier}`);
      }
      const missed = reads.flatMap(({ token }) => (token === undefined ? [] : [token]));
      const tokens = missed.length === names.length ? missed : await store.begin(names);
      if (!mayJoin) return fill(answer, tokens, client.signal);
      // Somebody may have begun while the tiers were asked.
      const begun = joinable(keys);
      return begun === undefined ? start(answer, tokens).wait(client) : join(begun, answer);
    },

    closeLoads() {
      loads.clear();
    },
  };
}

function isAnonymous(keys: ResponseKeys): boolean {
  return keys.scoped.endsWith(':anonymous');
}
