import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { CodedError } from '../../platform/errors.js';
import { AdaptiveLimit } from './adaptiveLimit.js';
import type { OverloadConfig } from './overloadConfig.js';

export interface LoadShedder {
  readonly limit: number;
  readonly underWay: number;
  /** Requests refused since the start. */
  readonly shed: number;
  /**
   * Runs what a cache does not answer.
   * @throws CodedError `OVERLOADED`, without running it, while as much is under way as can be done
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

/** Short enough to notice a storm, long enough to have seen some requests. */
const SAMPLE_MS = 250;
const RESOLUTION_MS = 10;

/**
 * Refuses what could not be done in time anyway, so that what is let in still is. Answers from the response cache cost
 * next to nothing, and never get here.
 */
export function createLoadShedder(config: OverloadConfig): LoadShedder {
  const limit = new AdaptiveLimit({
    min: Math.min(config.minConcurrent, config.maxConcurrent),
    max: config.maxConcurrent,
    maxDelayMs: config.maxEventLoopDelayMs,
    maxHeapRatio: config.maxHeapRatio,
  });
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const timer = setInterval(() => {
    // A timer that is in time is seen as its own resolution.
    limit.observe(delays.percentile(90) / 1e6 - RESOLUTION_MS, heapRatio());
    delays.reset();
  }, SAMPLE_MS);
  timer.unref();
  let shed = 0;
  return {
    get limit() {
      return limit.limit;
    },
    get underWay() {
      return limit.underWay;
    },
    get shed() {
      return shed;
    },
    async run(work) {
      if (!limit.begin()) {
        shed += 1;
        throw overloaded(config.retryAfterSeconds);
      }
      try {
        return await work();
      } finally {
        limit.end();
      }
    },
    close() {
      clearInterval(timer);
      delays.disable();
    },
  };
}

function heapRatio(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used / limit;
}

function overloaded(retryAfterSeconds: number): CodedError {
  return new CodedError('OVERLOADED', 'There is too much to do at the moment: try again later.', {
    extensions: { retryAfterSeconds },
  });
}
