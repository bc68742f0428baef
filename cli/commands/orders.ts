import { ConfigError } from '../../platform/config/configError.js';
import { createLogger } from '../../platform/logger.js';
import type { DeadLetter, JobQueue } from '../../subgraphs/orders/queue/jobQueue.js';
import { openQueue } from '../../subgraphs/orders/queue/openQueue.js';
import { replayAll } from '../../subgraphs/orders/queue/replayAll.js';
import { CommandError, EXIT_CODES } from '../commandError.js';
import type { Config } from '../config.js';
import { logOptions } from '../logOptions.js';

export type Write = (text: string) => unknown;

/** How many dead letters are listed. */
const MOST = 1_000;

/** `headgate orders queue` */
export async function runQueueStats(config: Config, write: Write): Promise<void> {
  await withQueue(config, async (queue) => {
    const { waiting, active, delayed, deadLetters, oldestAgeMs } = await queue.stats();
    write(
      `waiting       ${waiting}\nactive        ${active}\ndelayed       ${delayed}\n` +
        `dead letters  ${deadLetters}\noldest        ${(oldestAgeMs / 1_000).toFixed(1)} s\n`,
    );
  });
}

/** `headgate orders dead-letters` */
export async function runDeadLetters(config: Config, write: Write): Promise<void> {
  await withQueue(config, async (queue) => {
    for (const letter of await queue.deadLetters(MOST)) write(describe(letter));
    const older = (await queue.stats()).deadLetters - MOST;
    if (older > 0) write(`and ${older} older ones\n`);
  });
}

/** `headgate orders replay ID...`; `all` replays what is there now. */
export async function runReplay(
  config: Config,
  { ids, all }: { readonly ids: readonly string[]; readonly all: boolean },
  write: Write,
): Promise<void> {
  await withQueue(config, async (queue) => {
    const tell = (id: string) => write(`replayed ${id}\n`);
    if (all) return replayAll(queue, tell);
    const missing: string[] = [];
    for (const id of ids) {
      if (await queue.replay(id)) tell(id);
      else missing.push(id);
    }
    if (missing.length > 0) {
      throw new CommandError(`no dead letter has the id ${missing.join(', ')}`, EXIT_CODES.badInput);
    }
  });
}

function describe({ id, failedAt, attempts, reason }: DeadLetter): string {
  return `${failedAt.toISOString()}  ${id}  after ${attempts} tries: ${reason}\n`;
}

async function withQueue(config: Config, use: (queue: JobQueue) => Promise<void>): Promise<void> {
  const { queueRedisUrl: url, queueName: name } = config.orders;
  if (!url) {
    throw new ConfigError([
      'orders.queueRedisUrl: expected the Redis of the queue (QUEUE_REDIS_URL); a queue in a process is seen in its log alone',
    ]);
  }
  // What was added with its tries keeps them: none is added here.
  const retry = { attempts: 1, backoffMs: 0, maxBackoffMs: 0 };
  const queue = await openQueue({ url, name, retry, logger: createLogger(logOptions('orders', config)) });
  try {
    await use(queue);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${queue.description}: ${(error as Error).message}`, EXIT_CODES.unreachable);
  } finally {
    await queue.close();
  }
}
