/** Work on one order. It says whose turn it is and not what to do: that is read from the order itself. */
export interface Job {
  /** Of two jobs with one id, the second is not added while the first is in the queue or in the dead letters. */
  readonly id: string;
  readonly orderId: string;
  /** Of the request that called for the work, as the W3C writes it. */
  readonly traceparent?: string;
}

/** A job as its handler gets it. Every job may come more than once. */
export interface Delivery extends Job {
  /** 1 for the first try. */
  readonly attempt: number;
  /** When this try fails, the job goes to the dead letters. */
  readonly last: boolean;
}

/**
 * Resolves when the job is done. A rejection is tried again after a while, at most as often as the queue allows;
 * `PermanentFailure` is not, and after a `Postponement` the same try comes again.
 */
export type JobHandler = (delivery: Delivery) => Promise<void>;

export interface ConsumerOptions {
  /** Jobs that this consumer handles at the same time. */
  readonly concurrency: number;
}

export interface Consumer {
  /**
   * Takes no further job and waits for those under way. With `force` it does not wait, as if the process had died:
   * what is under way is given to another consumer, now or once this one is found to have stalled.
   */
  close(options?: { readonly force?: boolean }): Promise<void>;
}

export interface QueueStats {
  /** Jobs that could be taken now. */
  readonly waiting: number;
  /** Jobs that a handler has. */
  readonly active: number;
  /** Jobs that failed and wait for their next try. */
  readonly delayed: number;
  readonly deadLetters: number;
  /** Since when the oldest of the jobs that are not done was added, as far as the queue can tell cheaply; 0 without one. */
  readonly oldestAgeMs: number;
}

/** A job that was given up. */
export interface DeadLetter extends Job {
  /** What the last try failed with. */
  readonly reason: string;
  readonly attempts: number;
  readonly failedAt: Date;
}

/** How often and how soon a job is tried again. */
export interface RetryPolicy {
  readonly attempts: number;
  /** Before the second try; twice as long before each further one. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

export interface JobQueue {
  /** For logs, without credentials. */
  readonly description: string;
  /** Fails soon, and does not wait, while the queue is out of reach. Adding a job again is safe. */
  add(job: Job): Promise<void>;
  consume(handler: JobHandler, options: ConsumerOptions): Promise<Consumer>;
  stats(): Promise<QueueStats>;
  /** @param first which end to begin at. @default 'newest' */
  deadLetters(limit: number, first?: 'newest' | 'oldest'): Promise<DeadLetter[]>;
  /** Gives a dead letter all its tries again; `false` when there is none of this id. */
  replay(id: string): Promise<boolean>;
  close(): Promise<void>;
}
