import type { Command } from 'commander';
import type { Config } from '../config.js';
import type { DevOptions } from './dev.js';
import { DEFAULT_REGISTRY } from './schema/registryClient.js';

/** @param addTo as for other commands that run a gateway */
export function addDevCommand(
  addTo: (name: string, description: string) => Command,
  read: (options: object) => Config,
): void {
  addTo('dev', 'run the graph of a registry with your own subgraph over it')
    .requiredOption('-s, --subgraph <name=url...>', 'a running subgraph; may be given several times')
    .option(
      '--registry <url>',
      `where the registry is (default: gateway.registry.url, else ${DEFAULT_REGISTRY})`,
    )
    .option('--token <token>', 'a token of the registry that may read (default: HEADGATE_SCHEMA_TOKEN)')
    .action(async (options: DevOptions) => {
      const config = read(options);
      const { runDev } = await import('./dev.js');
      await runDev(config, options);
    });
}
