import type { GraphQLFormattedError } from 'graphql';
import type { AnswerFacts } from '../responseFacts.js';

export interface LoadedPartInit {
  readonly value: unknown;
  readonly errors: readonly GraphQLFormattedError[];
  readonly facts: AnswerFacts | undefined;
  readonly refusal: string;
  readonly tags: readonly string[];
  readonly mayShare: boolean;
  readonly hasFailed: boolean;
}

/** One part of an answer of a subgraph, for all who wait for it. */
export class LoadedPart {
  /** About this part alone. */
  readonly errors: readonly GraphQLFormattedError[];
  /** Present when it may be kept. */
  readonly facts: AnswerFacts | undefined;
  /** Why it must not be kept, when it must not. */
  readonly refusal: string;
  /** What it was made of, kept or not; empty when nothing certain can be said. */
  readonly tags: readonly string[];
  /** False when it is only for whoever asked: the others have to ask for themselves. */
  readonly mayShare: boolean;
  /** Whether the subgraph failed at it: what was kept for that case may stand in. False when it refused on purpose. */
  readonly hasFailed: boolean;
  /** `undefined` when the subgraph gave nothing. */
  readonly #value: unknown;
  #text: string | undefined;
  #isTaken = false;

  constructor({ value, errors, facts, refusal, tags, mayShare, hasFailed }: LoadedPartInit) {
    this.errors = errors;
    this.facts = facts;
    this.refusal = refusal;
    this.tags = tags;
    this.mayShare = mayShare;
    this.hasFailed = hasFailed;
    this.#value = value;
  }

  get hasData(): boolean {
    return this.#value !== undefined;
  }

  /** As JSON. Has to be asked for before a first taker gets the value, if there is to be a second. */
  get text(): string {
    this.#text ??= JSON.stringify(this.#value);
    return this.#text;
  }

  /** A value of the taker's own: the first gets the original, which it may change, the others get copies. */
  take(): unknown {
    // What is not there needs no copy: a failure is told to all who waited, in the subgraph's own words.
    if (!this.#isTaken || !this.hasData) {
      this.#isTaken = true;
      return this.#value;
    }
    if (this.#text === undefined) throw new Error('an answer that nobody was to share was taken twice');
    return JSON.parse(this.#text);
  }
}

/** What a load brought. */
export interface Loaded {
  /** In the order in which they were asked for. */
  readonly parts: readonly LoadedPart[];
  /** Errors that cannot be laid to one part: everybody who waits gets them. */
  readonly errors: readonly GraphQLFormattedError[];
}
