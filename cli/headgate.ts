#!/usr/bin/env node
import './telemetryOff.js';
import { Command, InvalidArgumentError } from 'commander';
import { readAsset } from '../platform/readAsset.js';
import { endAtSigterm } from '../platform/runUntilSignal.js';
import { withoutCredentials } from '../platform/withoutCredentials.js';
import { EXIT_CODES } from './commandError.js';
import { addCachePurgeCommand } from './commands/cachePurgeCommand.js';
import { addClusterCommand } from './commands/clusterCommand.js';
import type { ComposeOptions } from './commands/compose.js';
import { addDevCommand } from './commands/devCommand.js';
import { addOperationsCommands } from './commands/operations/addOperationsCommands.js';
import { addOrdersCommands } from './commands/ordersCommands.js';
import { addSchemaCommands } from './commands/schema/addSchemaCommands.js';
import { type Config, readConfig } from './config.js';
import { printable } from './printable.js';
import { reportError } from './reportError.js';
import { SUBGRAPH_NAMES, type SubgraphName } from './subgraphNames.js';

interface ProcessOptions {
  readonly config?: string;
  readonly port?: number;
  readonly adminPort?: number;
}

/** What this process was told to do, as the command line has changed it. */
let used: Config | undefined;

// Each command loads what it runs when it is called: a command line that answers at once, and processes that hold less.
const program = new Command('headgate')
  .description('A GraphQL federation gateway for high-traffic reads.')
  .version((JSON.parse(readAsset('package.json')) as { version: string }).version)
  .showHelpAfterError()
  // What was wrong has been printed by then; who asked for help or the version ends with 0.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_CODES.badInput));

function processCommand(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-c, --config <file>', 'configuration file (default: headgate.yaml, if there is one)')
    .option('-p, --port <number>', 'port to listen on; 0 takes any free one', portNumber);
}

function gatewayCommand(name: string, description: string): Command {
  return processCommand(name, description).option(
    '--admin-port <number>',
    'port for operators: metrics, health, purge; 0 takes any free one',
    portNumber,
  );
}

gatewayCommand('start', 'run the whole sample system: gateway and subgraphs').action(
  async (options: ProcessOptions) => {
    const config = readForGateway(options);
    const { runStart } = await import('./commands/start.js');
    await runStart(config);
  },
);

gatewayCommand('gateway', 'run the gateway in front of any supergraph')
  .option('-s, --supergraph <file|url>', 'the supergraph to serve')
  .action(async (options: ProcessOptions & { supergraph?: string }) => {
    const config = readForGateway(options);
    const { runGateway, serveInstead } = await import('./commands/gateway.js');
    if (options.supergraph !== undefined) serveInstead(config.gateway, options.supergraph);
    await runGateway(config);
  });

processCommand('subgraph', 'run one sample subgraph')
  .argument('<name>', SUBGRAPH_NAMES.join(', '), subgraphName)
  .option('--sample-data', 'load the sample shop, once')
  .action(async (name: SubgraphName, options: ProcessOptions & { sampleData?: boolean }) => {
    const config = read(options);
    if (options.port !== undefined) config.subgraphs[name].port = options.port;
    if (options.sampleData) config.data.sampleData = true;
    const { runSubgraph } = await import('./commands/subgraph.js');
    await runSubgraph(name, config);
  });

processCommand('registry', 'run the schema registry').action(async (options: ProcessOptions) => {
  const config = read(options);
  if (options.port !== undefined) config.registry.port = options.port;
  const { runRegistry } = await import('./commands/registry.js');
  await runRegistry(config);
});

const schema = program.command('schema').description('work with schemas');
schema
  .command('compose')
  .description('compose subgraph schemas to a supergraph')
  .requiredOption('--subgraph <name=url=file...>', 'a subgraph; may be given several times')
  .option('-o, --out <file>', 'write here instead of to standard output')
  .option('--check', 'write nothing; fail when the file is not current')
  .action(async (options: ComposeOptions) => {
    const { runCompose } = await import('./commands/compose.js');
    await runCompose(options);
  });
addSchemaCommands(schema);
addOperationsCommands(program);

program
  .command('worker')
  .description('work on orders; any number of workers share a queue')
  .option('-c, --config <file>', 'configuration file (default: headgate.yaml, if there is one)')
  .option('--admin-port <number>', 'port for operators: metrics, health; 0 takes any free one', portNumber)
  .action(async (options: ProcessOptions) => {
    const config = read(options);
    if (options.adminPort !== undefined) config.orders.worker.port = options.adminPort;
    const { runWorker } = await import('./commands/worker.js');
    await runWorker(config);
  });

addOrdersCommands(program, read);
addDevCommand(gatewayCommand, readForGateway);
addCachePurgeCommand(program);
addClusterCommand(program);

const configuration = program.command('config').description('work with the configuration');
configuration
  .command('validate')
  .description('check file and environment, and say what is wrong')
  .option('-c, --config <file>', 'configuration file (default: headgate.yaml, if there is one)')
  .action((options: ProcessOptions) => {
    read(options);
    process.stdout.write('the configuration is valid\n');
  });

function readForGateway(options: ProcessOptions): Config {
  const config = read(options);
  if (options.port !== undefined) config.gateway.port = options.port;
  if (options.adminPort !== undefined) config.gateway.admin.port = options.adminPort;
  return config;
}

function read(options: ProcessOptions): Config {
  used = readConfig(options.config, process.env);
  return used;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('expected a whole number from 0 to 65535');
}

function subgraphName(text: string): SubgraphName {
  const name = SUBGRAPH_NAMES.find((known) => known === text);
  if (name) return name;
  throw new InvalidArgumentError(`expected one of ${SUBGRAPH_NAMES.join(', ')}`);
}

endAtSigterm();
program.parseAsync().catch((error: unknown) => {
  const { text, exitCode } = reportError(error, used);
  process.stderr.write(`headgate: ${printable(withoutCredentials(text))}\n`);
  process.exitCode = exitCode;
});
