import { createLogger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';
import { answerQuestion } from './answerQuestion.js';
import { startWorkerGateway, type WorkerGateway } from './startWorkerGateway.js';
import {
  asSupervisionMessage,
  type StartFailure,
  type ToPrimary,
  type ToWorker,
  type WorkerQuestion,
  type WorkerSettings,
} from './supervisionMessages.js';

/**
 * The whole life of a worker process: it waits for its settings, answers requests, and ends when the primary or a signal
 * says so. When the primary is no more, Node ends it.
 *
 * @param describe how a person is told why it did not start
 */
export function runWorker(describe: (error: unknown) => StartFailure): void {
  let running: WorkerGateway | undefined;

  const send = (message: ToPrimary, sent: () => void = () => undefined): void => {
    process.send?.(message, sent);
  };

  async function start(slot: number, settings: WorkerSettings): Promise<void> {
    const logger = createLogger(settings.log).child({ worker: slot });
    try {
      running = await startWorkerGateway(settings, process, logger);
    } catch (error) {
      const { text, exitCode } = describe(error);
      send({ supervision: 'failed', text, exitCode }, () => process.exit(exitCode));
      return;
    }
    const { url, stop } = running;
    // A terminal signals all processes of the group, the primary among them.
    void runUntilSignal(() => stop('shutdown'), logger).then(() => process.exit(0));
    send({ supervision: 'ready', url });
  }

  async function answer(id: number, question: WorkerQuestion): Promise<void> {
    try {
      if (running === undefined) throw new Error('the worker is not ready');
      send({ supervision: 'answer', id, answer: await answerQuestion(running.gateway, question) });
    } catch (error) {
      send({ supervision: 'no-answer', id, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  process.on('message', (raw: unknown) => {
    const message = asSupervisionMessage<ToWorker>(raw);
    if (message?.supervision === 'start') void start(message.slot, message.settings);
    if (message?.supervision === 'ask') void answer(message.id, message.question);
    if (message?.supervision === 'drain') {
      if (running === undefined) process.exit(0);
      void running.stop(message.reason).then(() => process.exit(0));
    }
  });
  // It is for the primary to say when workers are replaced.
  process.on('SIGHUP', () => undefined);
}
