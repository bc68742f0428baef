import type { Command } from 'commander';
import { terminalIo as io, registryCommand } from '../schema/registryCommand.js';
import {
  type ListOptions,
  type PublishOperationsOptions,
  type RemoveOperationsOptions,
  runListOperations,
  runPublishOperations,
  runRemoveOperations,
} from './operationLists.js';

/** `headgate operations publish|list|remove` */
export function addOperationsCommands(program: Command): void {
  const operations = program
    .command('operations')
    .description('work with the lists of operations that gateways run by their id');

  registryCommand(operations, 'publish', 'add operations to the list of a client; gateways run them at once')
    .requiredOption('--file <file>', 'a manifest of ids and texts; - for standard input')
    .option('--client <name>', 'whose list it is (default: that of everybody, for administrators)')
    .option('--replace', 'take from the list what is not in the file: versions in the field still ask it')
    .action((options: PublishOperationsOptions) => runPublishOperations(options, io));

  registryCommand(operations, 'list', 'show whose lists there are').action((options: ListOptions) =>
    runListOperations(options, io),
  );

  registryCommand(operations, 'remove', 'remove the whole list of a client, who then runs nothing of it')
    .option('--client <name>', 'whose list it is (default: that of everybody, for administrators)')
    .action((options: RemoveOperationsOptions) => runRemoveOperations(options, io));
}
