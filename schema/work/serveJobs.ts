import { parentPort } from 'node:worker_threads';
import type { Job } from './jobs.js';
import { type LoadSupergraph, runJob } from './runJob.js';

export interface JobRequest {
  readonly id: number;
  readonly job: Job;
}

export type JobAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

/** What runs in the worker thread: one job after the other, as they come. */
export function serveJobs(load: LoadSupergraph): void {
  const port = parentPort;
  if (port === null) throw new Error('this is the program of a worker thread');
  port.on('message', ({ id, job }: JobRequest) => {
    runJob(job, load).then(
      (result) => port.postMessage({ id, result } satisfies JobAnswer),
      (error: unknown) =>
        port.postMessage({
          id,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        } satisfies JobAnswer),
    );
  });
}
