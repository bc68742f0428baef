import type { CacheExplanation } from '../../../cache/fetchExplanation';
import type { PlanDescription, TraceReport } from '../../../trace/traceReport';

/** What was sent: enough to send it again, from here or from a shell. */
export interface SentOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly operationName: string | undefined;
  /** Those that the person wrote, not those of the explorer. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One request and how it was answered. */
export interface Run {
  readonly id: number;
  readonly sent: SentOperation;
  /** In ms since the epoch, by this browser's clock. */
  readonly receivedAt: number;
  readonly status: number;
  /** From sending to the last byte, as this browser saw it. */
  readonly durationMs: number;
  readonly bytes: number;
  readonly xCache: string | undefined;
  readonly age: string | undefined;
  readonly errors: number;
  readonly plan: PlanDescription | undefined;
  readonly trace: TraceReport | undefined;
  readonly cache: CacheExplanation | undefined;
}

/** A result too large for the editor: what it shows is shortened. */
export interface LargeResult {
  readonly text: string;
  readonly bytes: number;
}

/** One event of a subscription. */
export interface LiveEvent {
  /** Counted from 1. */
  readonly number: number;
  readonly at: number;
  readonly bytes: number;
  readonly summary: string;
}

export interface LiveRun {
  readonly transport: 'WebSocket' | 'SSE';
  readonly sent: SentOperation;
  /** The newest last; only the last of many are kept. */
  readonly events: readonly LiveEvent[];
  readonly count: number;
  readonly isOpen: boolean;
}
