import type { Command } from 'commander';
import type { Config } from '../config.js';
import { UsageError } from '../usageError.js';

interface ConfigOption {
  readonly config?: string;
}

const CONFIG = [
  '-c, --config <file>',
  'configuration file (default: headgate.yaml, if there is one)',
] as const;

/** `headgate orders …`, for operators of the queue. */
export function addOrdersCommands(program: Command, read: (options: ConfigOption) => Config): void {
  const write = (text: string) => process.stdout.write(text);
  const orders = program.command('orders').description('look after the queue of orders');
  orders
    .command('queue')
    .description('how many jobs wait, and since when')
    .option(...CONFIG)
    .action(async (options: ConfigOption) => {
      const { runQueueStats } = await import('./orders.js');
      await runQueueStats(read(options), write);
    });
  orders
    .command('dead-letters')
    .description('list the jobs that were given up, newest first')
    .option(...CONFIG)
    .action(async (options: ConfigOption) => {
      const { runDeadLetters } = await import('./orders.js');
      await runDeadLetters(read(options), write);
    });
  orders
    .command('replay')
    .description('give dead letters all their tries again')
    .argument('[id...]', 'as listed by dead-letters')
    .option('--all', 'all of them')
    .option(...CONFIG)
    .action(async (ids: readonly string[], options: ConfigOption & { all?: boolean }) => {
      const { all = false } = options;
      if (all === ids.length > 0) throw new UsageError('expected ids of dead letters, or --all');
      const { runReplay } = await import('./orders.js');
      await runReplay(read(options), { ids, all }, write);
    });
}
