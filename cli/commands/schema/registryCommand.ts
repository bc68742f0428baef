import type { Command } from 'commander';
import { printable } from '../../printable.js';
import { type CommandIo, DEFAULT_REGISTRY } from './registryClient.js';

export const terminalIo: CommandIo = {
  write: (text) => process.stdout.write(printable(text)),
  env: process.env,
};

const EXIT_CODES_HELP =
  '\nExit codes: 0 done or passed, 5 refused or failed by the registry, 2 bad input, 3 unauthorised, 4 unreachable, 1 anything else.';

/** A command that speaks to the registry, with the options that all of these have. */
export function registryCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--registry <url>', `the registry; or set HEADGATE_REGISTRY_URL (default: ${DEFAULT_REGISTRY})`)
    .option('--token <token>', 'better set HEADGATE_SCHEMA_TOKEN, which others on this machine do not see')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXIT_CODES_HELP);
}
