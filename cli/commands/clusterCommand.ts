import type { Command } from 'commander';
import type { ClusterInitOptions } from './clusterInit.js';

export function addClusterCommand(program: Command): void {
  program
    .command('cluster')
    .description('work with the MongoDB cluster')
    .command('init')
    .description('make replica sets, shards, shard keys, zones, balancer window and users; may be repeated')
    .requiredOption('-t, --topology <file>', 'the servers, and what to make of them')
    .action(async (options: ClusterInitOptions) => {
      const { runClusterInit } = await import('./clusterInit.js');
      await runClusterInit(options);
    });
}
