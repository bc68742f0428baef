import autocannon from 'autocannon';
import type { MeasuredProcess } from './measuredProcess.js';

export interface LoadOptions {
  readonly url: string;
  /** Bodies of POST requests, sent in turn; without them GET is sent. */
  readonly bodies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly durationSeconds: number;
  /** Whose CPU time is taken. */
  readonly measured: readonly MeasuredProcess[];
  /** Each answer has to pass; one that does not voids the measurement. */
  readonly isRight?: (body: string) => boolean;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** One figure per measured process. */
  readonly cpuMsPerRequest: readonly number[];
  readonly rssBytes: readonly number[];
}

/** Warms up for a fifth of the time, then measures. @throws when any answer failed or was not right */
export async function load(options: LoadOptions): Promise<LoadResult> {
  await run(options, Math.max(1, Math.round(options.durationSeconds / 5)));
  const before = await Promise.all(options.measured.map((process) => process.usage()));
  const result = await run(options, options.durationSeconds);
  const after = await Promise.all(options.measured.map((process) => process.usage()));
  const requests = result['2xx'];
  return {
    requestsPerSecond: requests / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    cpuMsPerRequest: after.map((usage, index) => (usage.cpuMs - (before[index]?.cpuMs ?? 0)) / requests),
    rssBytes: after.map(({ rssBytes }) => rssBytes),
  };
}

async function run(options: LoadOptions, duration: number): Promise<autocannon.Result> {
  const headers = { 'content-type': 'application/json', ...options.headers };
  const { bodies, isRight } = options;
  const result = await autocannon({
    url: options.url,
    connections: options.connections,
    duration,
    headers,
    ...(bodies && { requests: bodies.map((body) => ({ method: 'POST' as const, body })) }),
    ...(isRight && { verifyBody: (body: unknown) => isRight(String(body)) }),
  });
  const failures = result.non2xx + result.errors + result.timeouts + (result.mismatches ?? 0);
  if (failures > 0)
    throw new Error(`${failures} of ${result.requests.total} answers were wrong: no number is given`);
  return result;
}
