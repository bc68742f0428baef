import { type Command, InvalidArgumentError } from 'commander';
import { type ApproveOptions, runApprove } from './approve.js';
import { type CheckOptions, runCheck } from './check.js';
import { runDiff } from './diff.js';
import { type HistoryOptions, runHistory } from './history.js';
import { type PublishOptions, runPublish } from './publish.js';
import type { RegistryOptions } from './registryClient.js';
import { terminalIo as io, registryCommand } from './registryCommand.js';
import { type RemoveOptions, runRemove } from './remove.js';
import { type RollbackOptions, runRollback } from './rollback.js';

/** `headgate schema publish|remove|check|approve|history|diff|rollback` */
export function addSchemaCommands(schema: Command): void {
  const command = (name: string, description: string) => registryCommand(schema, name, description);

  command('publish', 'publish the schema of a subgraph; gateways take the new graph at once')
    .requiredOption('--subgraph <name>', 'the subgraph')
    .requiredOption('--url <url>', 'where gateways reach it')
    .requiredOption('--schema <file>', 'its schema; - for standard input')
    .option('--message <text>', 'what to remember it by, such as a commit')
    .action((options: PublishOptions) => runPublish(options, io));

  command('remove', 'take a subgraph out of the graph')
    .requiredOption('--subgraph <name>', 'the subgraph')
    .action((options: RemoveOptions) => runRemove(options, io));

  command('check', 'tell what would happen if this schema were published')
    .requiredOption('--subgraph <name>', 'the subgraph')
    .requiredOption('--schema <file>', 'its schema; - for standard input')
    .requiredOption('--context <name>', 'what the check is for, such as PR-123: approvals hold for it alone')
    .option(
      '--days <number>',
      'how far to look back for usage (default: as the registry is configured)',
      positive,
    )
    .action((options: CheckOptions) => runCheck(options, io));

  command('approve', 'let one breaking change pass the checks of one context')
    .requiredOption('--subgraph <name>', 'the subgraph')
    .requiredOption('--context <name>', 'where it may pass, such as PR-123')
    .requiredOption('--change <id>', 'the change, as a check shows it in brackets')
    .requiredOption('--reason <text>', 'why it may break')
    .option('--expires <days>', 'for how many days', positive, 14)
    .action((options: ApproveOptions) => runApprove(options, io));

  command('history', 'list what was published, the newest first')
    .option('--limit <number>', 'how many', positive, 20)
    .action((options: HistoryOptions) => runHistory(options, io));

  command('diff', 'show what clients see differently between two versions')
    .argument('<from>', 'such as v41')
    .argument('<to>', 'such as v42')
    .action((from: string, to: string, options: RegistryOptions) => runDiff(from, to, options, io));

  command('rollback', 'serve an earlier version again; composes nothing')
    .requiredOption('--to <version>', 'such as v41')
    .action((options: RollbackOptions) => runRollback(options, io));
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('expected a whole number of at least 1');
}
