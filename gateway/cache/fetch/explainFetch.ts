import type { FetchExplanation, RecordExplanation } from '../fetchExplanation.js';
import type { AnswerFacts } from '../responseFacts.js';
import type { FetchCacheContext, FetchCacheOptions } from './fetchCacheOptions.js';
import type { FetchRun } from './loader.js';
import type { PartAnswer } from './partAnswer.js';

const REASONS = {
  hit: 'kept and fresh',
  stale: 'kept, no longer fresh; it is being loaded anew',
  staleIfError: 'kept for the case that it cannot be loaded',
  joined: 'another request was loading it',
  miss: 'not kept, or no longer',
  failed: 'it could not be loaded',
} as const;

/** For the developer who asked how the fetch was answered; nothing for everybody else. */
export function explainFetch<C extends FetchCacheContext>(
  { store, now }: Pick<FetchCacheOptions<C>, 'store' | 'now'>,
  { fetch, context }: FetchRun<C>,
  answers: readonly (PartAnswer | undefined)[],
  mayUse: boolean,
): void {
  const { explain } = context.cache;
  if (explain === undefined) return;
  const time = now();
  const kinds = answers.map((answer) => answer?.kind ?? 'failed');
  const refusals = answers.flatMap((answer) =>
    answer && 'loaded' in answer && answer.loaded.facts === undefined ? [answer.loaded.refusal] : [],
  );
  const reasons = mayUse
    ? kinds.map((kind) => REASONS[kind])
    : ['this request may not be answered from the cache'];
  explain.push({
    subgraph: fetch.request.subgraph,
    fetchId: fetch.request.fetchId,
    outcome: mayUse ? outcomeOf(kinds) : 'bypass',
    reason: [...new Set([...reasons, ...refusals.map((refusal) => `not kept: ${refusal}`)])].join('; '),
    notKept: [...new Set(refusals)],
    records: answers.map((answer, part): RecordExplanation => {
      const key = fetch.keys[part] ?? '';
      const facts = factsOf(answer);
      const tags = facts?.tags ?? (answer && 'loaded' in answer ? answer.loaded.tags : []);
      return {
        key,
        tier: answer && 'tier' in answer ? answer.tier : undefined,
        tags,
        ageMs: facts && Math.max(0, time - facts.createdAt),
        remainingTtlMs: facts && Math.max(0, facts.freshUntil - time),
        lastPurge: store.lastPurge(key, tags),
      };
    }),
  });
}

function factsOf(answer: PartAnswer | undefined): AnswerFacts | undefined {
  if (answer === undefined || answer.kind === 'failed') return undefined;
  return 'record' in answer ? answer.record : answer.loaded.facts;
}

function outcomeOf(kinds: readonly PartAnswer['kind'][]): FetchExplanation['outcome'] {
  const isServed = (kind: PartAnswer['kind']) =>
    kind === 'hit' || kind === 'stale' || kind === 'staleIfError';
  if (kinds.every((kind) => kind === 'hit')) return 'hit';
  if (kinds.every(isServed)) return 'stale';
  if (kinds.some(isServed)) return 'partial';
  return kinds.every((kind) => kind === 'joined') ? 'joined' : 'miss';
}
