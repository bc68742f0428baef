import type { Command } from 'commander';
import { type CachePurgeOptions, runCachePurge } from './cachePurge.js';

/** `headgate cache purge` */
export function addCachePurgeCommand(program: Command): void {
  program
    .command('cache')
    .description('work with the cache of running gateways')
    .command('purge')
    .description('drop records in all tiers of all gateways, by way of one of them')
    .option('--tag <tag...>', 'everything under this tag, such as Product:id=p1')
    .option('--type <type...>', 'everything with an entity of this type in it')
    .option('--subgraph <name...>', 'everything that came from this subgraph')
    .option('--dry-run', 'purge nothing; count what would go')
    .option('--url <url>', 'admin listener of one gateway', 'http://127.0.0.1:9464')
    .option(
      '--token <token>',
      'admin token; better set HEADGATE_ADMIN_TOKEN, which others on this machine do not see',
    )
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 purged, 2 bad input, 3 unauthorised, 4 unreachable, 1 anything else.',
    )
    .action((options: CachePurgeOptions) =>
      runCachePurge(options, { write: (text) => process.stdout.write(text), env: process.env }),
    );
}
