/** From a hit in memory to the slowest request that a deadline allows, in seconds. */
export const REQUEST_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** How long an invalidation takes: the promise between replicas is 100 ms. */
export const PURGE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** How old a change is when it is applied: a change stream behind `mongos` can take seconds, a replay hours. */
export const LAG_SECONDS = [1, 2, 3, 5, 10, 30, 60, 300, 1800, 7200];
