import { type HttpAnswer, HttpConnection } from './httpConnection.js';
import type { MeasuredProcess } from './measuredProcess.js';

export interface ExactLoadOptions {
  readonly url: string;
  /** Sent in turn, over all connections together. */
  readonly requests: readonly Buffer[];
  readonly connections: number;
  /** How long, or how many requests. */
  readonly until: { readonly seconds: number } | { readonly requests: number };
  readonly measured?: MeasuredProcess;
  /** Each answer has to pass; the first one that does not ends it. @param index of the request */
  isRight(answer: HttpAnswer, index: number): boolean;
}

export interface ExactLoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the measured process. */
  readonly cpuUsPerRequest: number;
}

/** Each connection sends its next request when it has the answer to the last. @throws when an answer is not right */
export async function exactLoad(options: ExactLoadOptions): Promise<ExactLoadResult> {
  const { url, requests, until, measured, isRight } = options;
  const latencies: number[] = [];
  const maxRequests = 'requests' in until ? until.requests : Number.POSITIVE_INFINITY;
  const cpuBefore = await measured?.usage();
  const startedAt = performance.now();
  const endAt = 'seconds' in until ? startedAt + until.seconds * 1000 : Number.POSITIVE_INFINITY;
  let next = 0;

  async function drive(): Promise<void> {
    const connection = new HttpConnection(url);
    try {
      while (next < maxRequests) {
        const index = next++ % requests.length;
        const sentAt = performance.now();
        if (sentAt >= endAt) return;
        const answer = await connection.send(requests[index] as Buffer);
        latencies.push(performance.now() - sentAt);
        if (!isRight(answer, index)) {
          throw new Error(
            `a wrong answer voids the measurement:\n${answer.head}\n\n${answer.body.subarray(0, 500)}`,
          );
        }
      }
    } finally {
      connection.close();
    }
  }

  const stopSpinning = spin();
  try {
    await Promise.all(Array.from({ length: options.connections }, drive));
  } finally {
    stopSpinning();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuAfter = await measured?.usage();
  const count = latencies.length;
  latencies.sort((a, b) => a - b);
  return {
    requests: count,
    requestsPerSecond: count / seconds,
    p50Ms: latencies[Math.floor(count * 0.5)] ?? 0,
    p99Ms: latencies[Math.floor(count * 0.99)] ?? 0,
    cpuUsPerRequest: (((cpuAfter?.cpuMs ?? 0) - (cpuBefore?.cpuMs ?? 0)) * 1000) / count,
  };
}

/**
 * Keeps this process from sleeping. Else the server has to wake it with each answer, which in a virtual machine costs
 * more than the answer itself, and is charged to the server: the more, the less there is for this process to do.
 */
function spin(): () => void {
  let isOver = false;
  const turn = () => {
    if (!isOver) setImmediate(turn);
  };
  turn();
  return () => {
    isOver = true;
  };
}

/** The middle of several rounds: one that somebody else disturbed does not count. */
export function medianOf(rounds: readonly ExactLoadResult[]): ExactLoadResult {
  return {
    requests: rounds.reduce((sum, { requests }) => sum + requests, 0),
    requestsPerSecond: middle(rounds.map((round) => round.requestsPerSecond)),
    p50Ms: middle(rounds.map((round) => round.p50Ms)),
    p99Ms: middle(rounds.map((round) => round.p99Ms)),
    cpuUsPerRequest: middle(rounds.map((round) => round.cpuUsPerRequest)),
  };
}

/** The median; of an even count, halfway between the two in the middle. */
export function middle(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}
