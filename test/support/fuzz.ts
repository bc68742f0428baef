import type { Parameters } from 'fast-check';

const SEED = Number(process.env['HEADGATE_FUZZ_SEED'] ?? 7);
const FACTOR = Number(process.env['HEADGATE_FUZZ_FACTOR'] ?? 1);

/**
 * How much a property is tried. The seed is fixed, so that a suite is red or green by the code alone; to look further,
 * set `HEADGATE_FUZZ_SEED` to any whole number and `HEADGATE_FUZZ_FACTOR` to how many times as many runs there shall be.
 */
export function fuzzed<T>(runs: number): Parameters<T> {
  return { seed: SEED, numRuns: Math.round(runs * FACTOR), endOnFailure: FACTOR > 1 };
}
