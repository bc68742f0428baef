import type { SubgraphResponse } from '../../execution/types.js';
import type { LeaseWait } from '../leaseWait.js';
import type { TieredRead } from '../tieredCache.js';
import { assembleAnswer } from './assembleAnswer.js';
import { explainFetch } from './explainFetch.js';
import type { FetchCacheContext, FetchCacheOptions } from './fetchCacheOptions.js';
import type { Flight } from './flight.js';
import type { Flights } from './flights.js';
import type { Loaded } from './loaded.js';
import type { FetchRun, LearnedQueries, Loader } from './loader.js';
import type { PartAnswer } from './partAnswer.js';
import { PartTokens } from './partTokens.js';

export interface AnswerFetchParts<C extends FetchCacheContext> {
  readonly options: FetchCacheOptions<C>;
  readonly flights: Flights<Loaded>;
  readonly loader: Loader<C>;
  readonly learned: LearnedQueries;
}

/** Where a part of a fetch is being loaded. */
interface Awaited {
  readonly part: number;
  readonly flight: Flight<Loaded>;
  /** Its place in that load. */
  readonly index: number;
  readonly hasJoined: boolean;
}

/**
 * Answers a fetch part by part: from the cache, from loads that are under way, here or in other processes, and with
 * one load for the rest.
 *
 * @param mayUse whether what is kept, or is being loaded already, is new enough for this request
 */
export async function answerFetch<C extends FetchCacheContext>(
  { options, flights, loader, learned }: AnswerFetchParts<C>,
  run: FetchRun<C>,
  mayUse: boolean,
): Promise<SubgraphResponse> {
  const { store, background, now } = options;
  const { fetch, context } = run;
  const { keys, request } = fetch;
  const { subgraph, signal } = request;
  const answers = new Array<PartAnswer | undefined>(keys.length);

  // Waiting for another process is in vain where nothing will be stored, and nobody should wait for this one then.
  const mayLease =
    context.cache.mayStore && !learned.apart.has(fetch.tags) && !learned.unkept.has(fetch.tags);
  const leaseSource = mayLease ? subgraph : undefined;
  const read = mayUse ? await store.read(keys, leaseSource) : undefined;
  const tokens = new PartTokens(read ? read.map(({ token }) => token) : await store.begin(keys));
  const missing: number[] = [];
  const stale: number[] = [];
  for (const part of keys.keys()) {
    const hit = read?.[part]?.hit;
    const time = now();
    if (hit !== undefined && time < Math.max(hit.freshUntil, hit.staleUntil)) {
      const isFresh = time < hit.freshUntil;
      answers[part] = answerOf(read?.[part], isFresh ? 'hit' : 'stale');
      if (!isFresh) stale.push(part);
    } else {
      missing.push(part);
    }
  }
  try {
    // A record that ran out since it was read was fresh then, and came without one.
    await giveTokens([...missing, ...stale].filter((part) => read?.[part]?.hit && !tokens.has(part)));
    if (stale.length > 0) revalidate();
    const held = missing.filter((part) => read?.[part]?.isHeld);
    const own = held.length === 0 ? missing : missing.filter((part) => !read?.[part]?.isHeld);
    const mayJoin = mayUse && !learned.apart.has(fetch.tags);
    await Promise.all([
      settle(own, mayJoin),
      held.length > 0 && settleHeld(held, store.leaseWaits.begin(subgraph, signal)),
    ]);
    await rescue();
    explainFetch(options, run, answers, mayUse);
    return assembleAnswer(run, answers, options.metrics);
  } finally {
    const unused = tokens.takeUnused();
    if (unused.length > 0) background.run(store.release(unused));
  }

  async function giveTokens(parts: readonly number[]): Promise<void> {
    if (parts.length === 0) return;
    const given = await store.begin(parts.map((part) => keys[part] ?? ''));
    for (const [index, part] of parts.entries()) tokens.set(part, given[index]);
  }

  /** In the background, and only what nobody loads at the moment, here or elsewhere. */
  function revalidate(): void {
    const idle = stale.filter(
      (part) => !read?.[part]?.isHeld && flights.find(subgraph, keys[part] ?? '') === undefined,
    );
    if (idle.length === 0) return;
    const flight = loader.start(run, idle, tokens.use(idle), true);
    background.run(flight.wait(undefined));
  }

  /** Waits for other processes that are loading parts; what does not come of it is loaded here. */
  async function settleHeld(parts: readonly number[], wait: LeaseWait): Promise<void> {
    const outcomes = await wait.forLoads(parts.map((part) => keys[part] ?? ''));
    const expired = parts.filter((_, index) => outcomes[index] === 'expired');
    const changed = parts.filter((_, index) => outcomes[index] !== 'expired');
    const again = await store.read(
      changed.map((part) => keys[part] ?? ''),
      leaseSource,
    );
    const held: number[] = [];
    for (const [index, part] of changed.entries()) {
      const found = again[index];
      tokens.set(part, found?.token);
      if (found?.hit !== undefined && now() < found.hit.freshUntil) answers[part] = answerOf(found, 'hit');
      else if (found?.isHeld && !wait.isOver) held.push(part);
      else expired.push(part);
    }
    await Promise.all([settle(expired, true), held.length > 0 && settleHeld(held, wait)]);
  }

  /** Loads parts, or waits for those who do. */
  async function settle(parts: readonly number[], mayJoin: boolean): Promise<void> {
    const awaited: Awaited[] = [];
    const rest: number[] = [];
    for (const part of parts) {
      const key = keys[part] ?? '';
      const found = mayJoin ? flights.find(subgraph, key) : undefined;
      // A load that ended while the tiers were asked has left its record in memory.
      const record = mayJoin && found === undefined ? store.peek(key)?.record : undefined;
      if (found) awaited.push({ part, flight: found.flight, index: found.index, hasJoined: true });
      else if (record) answers[part] = { kind: 'hit', record, tier: 'memory' };
      else rest.push(part);
    }
    if (rest.length > 0) {
      const flight = loader.start(run, rest, tokens.use(rest), !learned.apart.has(fetch.tags));
      for (const [index, part] of rest.entries()) awaited.push({ part, flight, index, hasJoined: false });
    }
    const all = [...new Set(awaited.map(({ flight }) => flight))];
    const outcomes = await Promise.allSettled(all.map((flight) => flight.wait(signal)));
    if (signal?.aborted && outcomes.some(({ status }) => status === 'rejected')) throw signal.reason;
    const apart: number[] = [];
    const cutOff: number[] = [];
    for (const { part, flight, index, hasJoined } of awaited) {
      const outcome = outcomes[all.indexOf(flight)];
      if (outcome?.status !== 'fulfilled') {
        answers[part] = { kind: 'failed', error: outcome?.reason };
        if (hasJoined && ranOutBefore(flight, context)) cutOff.push(part);
        continue;
      }
      const loaded = outcome.value.parts[index];
      if (loaded === undefined || (hasJoined && !loaded.mayShare)) apart.push(part);
      else answers[part] = { kind: hasJoined ? 'joined' : 'miss', loaded, from: outcome.value };
    }
    if (cutOff.length > 0) await settle(cutOff, true);
    if (apart.length === 0) return;
    await giveTokens(apart);
    await settle(apart, false);
  }

  /** What could not be loaded is answered with what was kept for that case, unless it was purged meanwhile. */
  async function rescue(): Promise<void> {
    const failed = missing.filter((part) => {
      const answer = answers[part];
      const hasFailed = answer?.kind === 'failed' || (isLoaded(answer) && answer.loaded.hasFailed);
      return hasFailed && read?.[part]?.hit !== undefined;
    });
    if (failed.length === 0) return;
    const again = await store.read(failed.map((part) => keys[part] ?? ''));
    for (const [index, part] of failed.entries()) {
      const hit = again[index]?.hit;
      if (hit !== undefined && now() < Math.max(hit.freshUntil, hit.errorUntil)) {
        answers[part] = answerOf(again[index], 'staleIfError');
      }
    }
  }
}

/** Timers may be early by so much. */
const TIMER_MS = 2;

/** Whether the load ended with the time of the request that began it, while another one has more. */
function ranOutBefore({ deadlineAt }: Flight<Loaded>, { deadlineAt: own = Infinity }: FetchCacheContext) {
  return performance.now() >= deadlineAt - TIMER_MS && own > deadlineAt;
}

function isLoaded(answer: PartAnswer | undefined): answer is PartAnswer & { kind: 'miss' | 'joined' } {
  return answer?.kind === 'miss' || answer?.kind === 'joined';
}

function answerOf(
  read: TieredRead | undefined,
  kind: 'hit' | 'stale' | 'staleIfError',
): PartAnswer | undefined {
  return read?.hit && { kind, record: read.hit, tier: read.tier };
}
