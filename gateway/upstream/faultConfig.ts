import { z } from 'zod';

const ms = z.int().min(0).max(600_000);
const retryFields = {
  attempts: z.int().min(0).max(10).describe('Further attempts of a query that failed; mutations have none.'),
  backoffMs: ms.describe('A further attempt waits for a random part of this; twice as much for the next.'),
  maxBackoffMs: ms.describe('The most that it is.'),
  budget: z.number().min(0).max(1).describe('Further attempts, as a part of all requests; 0 allows none.'),
};
const breakerFields = {
  failures: z
    .int()
    .min(0)
    .max(10_000)
    .describe('Failures in a row until an address is left alone; 0: never.'),
  openMs: ms.min(1).describe('For how long at first; doubles with each trial that fails.'),
  maxOpenMs: ms.min(1).describe('The longest that it is left alone until the next trial.'),
};
const hedgeAfterMs = ms
  .min(1)
  .describe('A query that takes longer is sent once more, and the first answer counts.');

/** What the gateway does when a subgraph fails, for one subgraph: what is not set is as for all. */
export const ownFaultFields = {
  retry: z.strictObject(retryFields).partial().optional(),
  breaker: z.strictObject(breakerFields).partial().optional(),
  hedgeAfterMs: hedgeAfterMs.optional(),
};

/** The same for all, with defaults. */
export const faultFields = {
  retry: z
    .strictObject({
      attempts: retryFields.attempts.default(1),
      backoffMs: retryFields.backoffMs.default(25),
      maxBackoffMs: retryFields.maxBackoffMs.default(500),
      budget: retryFields.budget.default(0.2),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      failures: breakerFields.failures.default(5),
      openMs: breakerFields.openMs.default(500),
      maxOpenMs: breakerFields.maxOpenMs.default(2_000),
    })
    .prefault({}),
  hedgeAfterMs: hedgeAfterMs.optional(),
};

export interface FaultConfig {
  readonly retry: {
    readonly attempts: number;
    readonly backoffMs: number;
    readonly maxBackoffMs: number;
    readonly budget: number;
  };
  readonly breaker: { readonly failures: number; readonly openMs: number; readonly maxOpenMs: number };
  readonly hedgeAfterMs: number | undefined;
}
