import { Pool } from 'undici';
import { OPERATIONS, type PageAnswer, versionOf } from './catalogue.js';

export interface Sample {
  /** When it was due, as `performance.now()` has it. */
  readonly dueAt: number;
  /** From then on: a request that could not be sent in time has waited as well. */
  readonly ms: number;
  /** `undefined` when it failed. */
  readonly version: string | undefined;
  readonly failure?: unknown;
}

export interface SteadyLoad {
  readonly samples: readonly Sample[];
  /** Sends no more, and waits for what is under way. */
  stop(): Promise<void>;
}

export interface SteadyLoadOptions {
  /** Of the gateway, without a path. */
  readonly url: string;
  /** @default 200 */
  readonly requestsPerSecond?: number;
  /**
   * Requests that would be more at once are not sent: on a machine that has too much to do, the load is then less,
   * where it would else pile up. A measurement has none. @default none
   */
  readonly maxUnderWay?: number;
}

/** So many requests each second, however long their answers take. */
export function startSteadyLoad(options: SteadyLoadOptions): SteadyLoad {
  const { url, requestsPerSecond = 200, maxUnderWay = Number.POSITIVE_INFINITY } = options;
  const pool = new Pool(url, { connections: 30 });
  const samples: Sample[] = [];
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let due = 0;
  let sent = 0;

  async function send(index: number, dueAt: number): Promise<void> {
    const query = OPERATIONS[index % OPERATIONS.length];
    try {
      const { statusCode, body } = await pool.request({
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json', 'apollographql-client-name': 'load' },
        body: JSON.stringify({ query }),
      });
      const answer = (await body.json()) as PageAnswer;
      if (statusCode !== 200) throw new Error(`${statusCode}: ${JSON.stringify(answer)}`);
      samples.push({ dueAt, ms: performance.now() - dueAt, version: versionOf(answer) });
    } catch (failure) {
      samples.push({ dueAt, ms: performance.now() - dueAt, version: undefined, failure });
    }
  }

  const timer = setInterval(() => {
    for (;;) {
      const dueAt = startedAt + (due * 1000) / requestsPerSecond;
      if (dueAt > performance.now()) return;
      due += 1;
      if (underWay.size >= maxUnderWay) continue;
      const request: Promise<void> = send(sent, dueAt).finally(() => underWay.delete(request));
      underWay.add(request);
      sent += 1;
    }
  }, 1);
  return {
    samples,
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      await pool.close();
    },
  };
}

export interface LoadSummary {
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export function summarise(samples: readonly Sample[]): LoadSummary {
  const times = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return {
    requests: samples.length,
    failed: samples.filter(({ version }) => version === undefined).length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  };
}
