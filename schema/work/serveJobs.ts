import { parentPort } from 'node:worker_threads';
import type { Job } from './jobs.js';
import { type LoadSupergraph, runJob } from './runJob.js';

export interface JobRequest {
  readonly id: number;
  readonly job: Job;
}

export type JobAnswer =
  /** As JSON: it is stored and sent as such, and a copy of objects would be of the other thread's classes. */
  { readonly id: number; readonly json: string } | { readonly id: number; readonly error: string };

/** What runs in the worker thread: one job after the other, as they come. */
export function serveJobs(load: LoadSupergraph): void {
  const port = parentPort;
  if (port === null) throw new Error('this is the program of a worker thread');
  port.on('message', ({ id, job }: JobRequest) => {
    runJob(job, load).then(
      (result) => port.postMessage({ id, json: JSON.stringify(result) } satisfies JobAnswer),
      (error: unknown) =>
        port.postMessage({
          id,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        } satisfies JobAnswer),
    );
  });
}
