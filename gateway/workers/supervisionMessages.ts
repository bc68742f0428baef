import type { LogOptions } from '../../platform/logger.js';
import type { CacheTier } from '../cache/cacheTier.js';
import type { Invalidation } from '../cache/invalidation.js';
import type { GatewayConfig } from '../config.js';
import type { Readiness } from '../http/health.js';

/** All that a worker needs to be the same gateway as the others: it reads no file and no variable of its own. */
export interface WorkerSettings {
  readonly config: GatewayConfig;
  /** Names the gateway to other gateways. */
  readonly origin: string;
  readonly log: Omit<LogOptions, 'destination'>;
}

/** Why a worker did not start, as a person should be told. */
export interface StartFailure {
  readonly text: string;
  readonly exitCode: number;
}

/** What the primary may ask a worker that is ready. */
export interface WorkerQuestions {
  status: { readonly argument: null; readonly answer: WorkerStatus };
  metrics: { readonly argument: null; readonly answer: MetricsJson };
  count: { readonly argument: CountArgument; readonly answer: number };
  invalidate: { readonly argument: Invalidation; readonly answer: null };
}

export interface CountArgument {
  readonly tier: CacheTier['name'];
  readonly tags: readonly string[];
}

export interface WorkerStatus {
  readonly readiness: Readiness;
  /** Names; of the newest supergraph. */
  readonly subgraphs: readonly string[];
}

/** As prom-client gives them, and JSON has them: a value that is no number arrives as `null`. */
export type MetricsJson = readonly MetricJson[];
export interface MetricJson {
  readonly name: string;
  readonly values?: readonly MetricValueJson[];
}
export interface MetricValueJson {
  readonly value: number | null;
  readonly labels: Readonly<Record<string, string | number>>;
}

export type WorkerQuestion = {
  [Name in keyof WorkerQuestions]: {
    readonly name: Name;
    readonly argument: WorkerQuestions[Name]['argument'];
  };
}[keyof WorkerQuestions];

/** How a worker leaves. One that is replaced stays ready to the last, since the gateway is. */
export type DrainReason = 'shutdown' | 'replaced';

export type ToWorker =
  | { readonly supervision: 'start'; readonly slot: number; readonly settings: WorkerSettings }
  | { readonly supervision: 'drain'; readonly reason: DrainReason }
  | { readonly supervision: 'ask'; readonly id: number; readonly question: WorkerQuestion };

export type ToPrimary =
  | { readonly supervision: 'ready'; readonly url: string }
  | ({ readonly supervision: 'failed' } & StartFailure)
  | { readonly supervision: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly supervision: 'no-answer'; readonly id: number; readonly reason: string };

/** The channel carries purges too: what is not about supervision is `undefined`. Both ends are of one release. */
export function asSupervisionMessage<M extends ToWorker | ToPrimary>(message: unknown): M | undefined {
  if (typeof message !== 'object' || message === null || !('supervision' in message)) return undefined;
  return message as M;
}
