import type { IncomingMessage } from 'node:http';
import type { Span } from '../platform/tracing/tracing.js';

export interface ObservedOperation {
  readonly name: string | undefined;
  readonly kind: string;
  /** SHA-256 of the document's text. */
  readonly hash: string;
  readonly variables: unknown;
}

/** What is noted about a request that no cache answered. A hit makes none: it would cost more than it tells. */
export class Observation {
  readonly startedAt = performance.now();
  operation: ObservedOperation | undefined;
  /** How long at least one subgraph was waited for. */
  upstreamMs = 0;
  #waiting = 0;
  #waitingSince = 0;

  constructor(readonly span: Span | undefined) {}

  fetchStarted(): void {
    if (this.#waiting === 0) this.#waitingSince = performance.now();
    this.#waiting += 1;
  }

  fetchEnded(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0) this.upstreamMs += performance.now() - this.#waitingSince;
  }
}

const OBSERVATION = Symbol('observation');

interface ObservedRequest extends Pick<IncomingMessage, 'headers'> {
  [OBSERVATION]?: Observation;
}

export function observe(request: ObservedRequest, span: Span | undefined): Observation {
  const observation = new Observation(span);
  request[OBSERVATION] = observation;
  return observation;
}

export function observationOf(request: ObservedRequest): Observation | undefined {
  return request[OBSERVATION];
}
