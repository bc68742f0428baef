import type { FetchExplanation } from '../../../cache/fetchExplanation';

export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return ms >= 100 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

export function seconds(ms: number): string {
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60
    ? `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export type Outcome = FetchExplanation['outcome'] | 'sent';

/** What a developer wants to know of an outcome, in a word. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  hit: 'hit',
  stale: 'stale',
  miss: 'miss',
  partial: 'partly hit',
  bypass: 'bypass',
  joined: 'joined',
  sent: 'sent',
};
