import type { GraphQLFormattedError } from 'graphql';
import type { Timers } from '../../../platform/database/timers.js';
import { CodedError } from '../../../platform/errors.js';
import type { Logger } from '../../../platform/logger.js';
import { Backoff } from '../../cache/feed/backoff.js';
import { isJsonObject } from '../../execution/json.js';
import type { SubgraphResponse } from '../../execution/types.js';
import { cleanErrors } from '../../upstream/cleanErrors.js';
import type { UpstreamRequest, UpstreamTransport } from './upstreamTransport.js';

export interface UpstreamListener {
  /** @param mayHaveMissed whether events before this one may be missing */
  event(event: SubgraphResponse, mayHaveMissed: boolean): void;
  fail(errors: readonly GraphQLFormattedError[]): void;
  complete(): void;
}

export interface UpstreamSubscriptionOptions {
  readonly transport: UpstreamTransport;
  /** How long a lost subscription is tried again. */
  readonly retryForMs: number;
  /** Ends it when events may have been missed, instead of telling so with the next one. */
  readonly endOnGap: boolean;
  readonly timers: Timers;
  readonly logger: Logger;
  /** From 0 to 1. */
  readonly random?: (() => number) | undefined;
  onEvent(): void;
  /** It had been taken, and is lost. */
  onLost(): void;
  /** Called once, when nobody listens any more or it is over. */
  onEnd(): void;
}

/** A subscription that was lost, and has been had again for so long, is no lost one any more. */
const LASTS_AFTER_MS = 5_000;

/**
 * One subscription at a subgraph, for all who want its events. A subgraph that gives its events cursors sends what
 * happens between a broken connection and the next one afterwards; any other keeps no events for those who are away, and
 * that some may be missed is told. A subscription that was never taken fails at once: its subscribers learn more from an
 * error than from silence. That it was taken again proves little: until an event comes, or it lasts, it counts as lost.
 */
export class UpstreamSubscription {
  readonly #request: UpstreamRequest;
  readonly #options: UpstreamSubscriptionOptions;
  readonly #listeners = new Map<UpstreamListener, { missed: boolean }>();
  readonly #backoff: Backoff;
  #stop: () => void = () => undefined;
  #wasOpen = false;
  /** Of the last event that had one. */
  #cursor: string | undefined;
  /** Since when it counts as lost, in ms since the epoch. */
  #lostAt: number | undefined;
  #stopLasting: () => void = () => undefined;
  #over = false;

  constructor(request: UpstreamRequest, options: UpstreamSubscriptionOptions) {
    this.#request = request;
    this.#options = options;
    this.#backoff = new Backoff({ random: options.random });
  }

  get over(): boolean {
    return this.#over;
  }

  get subgraph(): string {
    return this.#request.subgraph;
  }

  /** The first one begins it. @returns a function that leaves */
  listen(listener: UpstreamListener): () => void {
    const isFirst = this.#listeners.size === 0;
    this.#listeners.set(listener, { missed: false });
    if (isFirst) this.#connect();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#end();
    };
  }

  #connect(): void {
    let current = true;
    const resumeAfter = this.#cursor;
    const stop = this.#options.transport.subscribe(
      { ...this.#request, resumeAfter },
      {
        opened: () => this.#opened(resumeAfter !== undefined),
        next: (event) => this.#next(event),
        refused: (errors) => {
          current = false;
          if (errors.some(isCursorLost) && resumeAfter !== undefined) this.#beginAnew();
          else this.#fail(cleanErrors(errors));
        },
        lost: (error) => {
          current = false;
          this.#lost(error);
        },
        complete: () => {
          current = false;
          for (const listener of this.#takeAll()) listener.complete();
        },
      },
    );
    if (current) this.#stop = stop;
  }

  #opened(resumes: boolean): void {
    if (this.#over) return;
    this.#wasOpen = true;
    if (this.#lostAt === undefined) return;
    const { timers, retryForMs } = this.#options;
    const awayMs = timers.now() - this.#lostAt;
    this.#stopLasting = timers.after(Math.min(LASTS_AFTER_MS, retryForMs), () => this.#goesOn());
    this.#options.logger.info(
      { subgraph: this.subgraph, awayMs, resumes },
      'a lost subscription to a subgraph has been taken again',
    );
    if (resumes) return;
    if (this.#options.endOnGap) {
      this.#fail([eventsLost(`Subgraph "${this.subgraph}" was away for ${awayMs} ms.`)]);
      return;
    }
    for (const state of this.#listeners.values()) state.missed = true;
  }

  #goesOn(): void {
    this.#stopLasting();
    this.#lostAt = undefined;
    this.#backoff.succeeded();
  }

  #next(event: SubgraphResponse): void {
    if (this.#over) return;
    const { errors } = event;
    if (this.#cursor !== undefined && Array.isArray(errors) && errors.some(isCursorLost)) {
      this.#stop();
      this.#beginAnew();
      return;
    }
    if (this.#lostAt !== undefined) this.#goesOn();
    this.#cursor = cursorOf(event) ?? this.#cursor;
    this.#options.onEvent();
    const cleaned = errors ? { ...event, errors: cleanErrors(errors) } : event;
    const isShared = this.#listeners.size > 1;
    for (const [listener, state] of [...this.#listeners]) {
      const { missed } = state;
      state.missed = false;
      // Each of them writes into what it is given.
      listener.event(isShared ? structuredClone(cleaned) : cleaned, missed);
    }
  }

  #beginAnew(): void {
    this.#cursor = undefined;
    this.#goesOn();
    this.#lost(new Error('the events after the last one are gone'));
  }

  #lost(error: Error): void {
    if (this.#over) return;
    const { timers, retryForMs, logger } = this.#options;
    const { subgraph } = this;
    this.#stop = () => undefined;
    this.#stopLasting();
    if (!this.#wasOpen) {
      this.#fail([unavailable(subgraph, error)]);
      return;
    }
    if (this.#lostAt === undefined) {
      this.#lostAt = timers.now();
      this.#options.onLost();
    }
    const awayMs = timers.now() - this.#lostAt;
    if (awayMs >= retryForMs) {
      logger.warn({ err: error, subgraph, awayMs }, 'a subscription to a subgraph is given up');
      this.#fail([unavailable(subgraph, error)]);
      return;
    }
    if (this.#backoff.failures === 0) {
      logger.warn({ err: error, subgraph }, 'a subscription to a subgraph was lost; it is tried again');
    }
    this.#stop = timers.after(Math.min(this.#backoff.nextMs(), retryForMs - awayMs), () => this.#connect());
  }

  #fail(errors: readonly GraphQLFormattedError[]): void {
    for (const listener of this.#takeAll()) listener.fail(errors);
  }

  #takeAll(): UpstreamListener[] {
    const all = [...this.#listeners.keys()];
    this.#listeners.clear();
    this.#end();
    return all;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stop();
    this.#stopLasting();
    this.#options.onEnd();
  }
}

function cursorOf({ extensions }: SubgraphResponse): string | undefined {
  const own = extensions?.['headgate'];
  const cursor = isJsonObject(own) ? own['cursor'] : undefined;
  return typeof cursor === 'string' ? cursor : undefined;
}

/** Subgraphs may send anything. */
function isCursorLost(error: unknown): boolean {
  const extensions = isJsonObject(error) ? error['extensions'] : undefined;
  return isJsonObject(extensions) && extensions['code'] === 'CURSOR_LOST';
}

export function eventsLost(why: string): GraphQLFormattedError {
  return new CodedError('EVENTS_LOST', `Events of this subscription were missed. ${why}`).toJSON();
}

function unavailable(subgraph: string, cause: Error): GraphQLFormattedError {
  const message = `Subgraph "${subgraph}" takes no subscription at the moment.`;
  return new CodedError('SUBGRAPH_UNAVAILABLE', message, {
    extensions: { service: subgraph },
    cause,
  }).toJSON();
}
