import type { Worker } from 'node:cluster';
import {
  asSupervisionMessage,
  type DrainReason,
  type StartFailure,
  type ToPrimary,
  type ToWorker,
  type WorkerQuestion,
  type WorkerQuestions,
  type WorkerSettings,
} from './supervisionMessages.js';

/** A worker could not start; the message is for the person who started the gateway. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError';

  constructor({ text, exitCode }: StartFailure) {
    super(text);
    this.exitCode = exitCode;
  }

  readonly exitCode: number;
}

/** How a process ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One worker process, as the primary sees it. */
export interface WorkerProcess {
  readonly pid: number;
  /** Resolves with the URL when it listens; rejects with `WorkerStartError`, or another error when it just ended. */
  readonly ready: Promise<string>;
  /** Also when the system could not start it. */
  readonly exited: Promise<WorkerExit>;
  /** Asks it to finish what is under way and to end. */
  drain(reason: DrainReason): void;
  kill(): void;
  /** Rejects when it cannot answer, or is no more. */
  ask<Name extends keyof WorkerQuestions>(
    name: Name,
    argument: WorkerQuestions[Name]['argument'],
  ): Promise<WorkerQuestions[Name]['answer']>;
}

interface Pending {
  resolve(answer: never): void;
  reject(error: Error): void;
}

/** Takes charge of a worker that was just forked, and lets it start. */
export function superviseWorker(worker: Worker, slot: number, settings: WorkerSettings): WorkerProcess {
  const asked = new Map<number, Pending>();
  let lastId = 0;
  let isGone = false;
  const send = (message: ToWorker): void => {
    if (worker.isConnected()) worker.send(message, () => undefined);
  };
  const exited = new Promise<WorkerExit>((resolve) => {
    const end = (exit: WorkerExit): void => {
      isGone = true;
      for (const { reject } of asked.values()) reject(new Error('the worker ended'));
      asked.clear();
      resolve(exit);
    };
    worker.once('exit', (code: number | null, signal: string | null) => end({ code, signal }));
    // Without a listener, an error would end the primary, and all workers with it. There is no exit of what never began;
    // one that cannot be written to any more has its exit still to come.
    worker.on('error', () => {
      if (worker.process.pid === undefined) end({ code: null, signal: null });
    });
  });
  const ready = new Promise<string>((resolve, reject) => {
    worker.on('message', (raw: unknown) => {
      const message = asSupervisionMessage<ToPrimary>(raw);
      if (message?.supervision === 'ready') resolve(message.url);
      if (message?.supervision === 'failed') reject(new WorkerStartError(message));
    });
    worker.once('error', (cause: Error) => {
      if (worker.process.pid === undefined)
        reject(new Error('a worker process could not be started', { cause }));
    });
    void exited.then(({ code, signal }) =>
      reject(new Error(`a worker ended with ${signal ?? `code ${code}`} before it was ready`)),
    );
  });
  // Whoever does not wait for it hears of the exit.
  ready.catch(() => undefined);
  worker.on('message', (raw: unknown) => {
    const message = asSupervisionMessage<ToPrimary>(raw);
    if (message?.supervision !== 'answer' && message?.supervision !== 'no-answer') return;
    const pending = asked.get(message.id);
    asked.delete(message.id);
    if (message.supervision === 'answer') pending?.resolve(message.answer as never);
    else pending?.reject(new Error(message.reason));
  });
  send({ supervision: 'start', slot, settings });

  return {
    pid: worker.process.pid ?? 0,
    ready,
    exited,
    drain: (reason) => send({ supervision: 'drain', reason }),
    kill: () => void worker.process.kill('SIGKILL'),
    ask(name, argument) {
      return new Promise((resolve, reject) => {
        if (isGone || !worker.isConnected()) return reject(new Error('the worker ended'));
        lastId += 1;
        asked.set(lastId, { resolve, reject });
        send({ supervision: 'ask', id: lastId, question: { name, argument } as WorkerQuestion });
      });
    },
  };
}
