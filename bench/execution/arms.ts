import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GatewayConfigInput } from '../../gateway/config.js';
import { startGatewayProcess } from '../support/gatewayProcess.js';
import { type MeasuredProcess, startMeasured } from '../support/measuredProcess.js';

/** Supergraphs whose subgraphs differ only in what they say about keeping their answers. */
export interface ArmInput {
  /** The subgraphs say nothing. */
  readonly silent: string;
  /** The subgraphs allow everything to be kept. */
  readonly keepable: string;
}

/** One gateway in one setting. */
export interface Arm {
  readonly name: string;
  /** The fewest processes at a time disturb each other least: it is started for its turns alone. */
  start(input: ArmInput): Promise<MeasuredProcess>;
}

const PEERS = path.join(__dirname, '../../../bench/peers');

/** @throws with the reason, when the peers cannot be installed */
function installPeers(): void {
  if (existsSync(path.join(PEERS, 'node_modules'))) return;
  try {
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', args, { cwd: PEERS, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    rmSync(path.join(PEERS, 'node_modules'), { recursive: true, force: true });
    const [reason = ''] = String((error as { stderr?: Buffer }).stderr ?? error).split('\n');
    throw new Error(`not installable: ${reason}`);
  }
}

/** Starts a script that takes the name of a file with the supergraph. */
async function startWithFile(script: string, sdl: string, ...args: string[]): Promise<MeasuredProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-bench-'));
  const file = path.join(folder, 'supergraph.graphql');
  writeFileSync(file, sdl);
  try {
    return await startMeasured(script, [file, ...args]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const NOTHING_SHARED: GatewayConfigInput = {
  cache: { joinRequests: false },
  subgraphs: { all: { cache: { enabled: false } } },
};

function headgate(setting: string, keepable: boolean, config: GatewayConfigInput): Arm {
  return {
    name: `Headgate, ${setting}`,
    start: (input) =>
      startGatewayProcess({ supergraphSdl: keepable ? input.keepable : input.silent, config }),
  };
}

function hive(setting: string, mode: 'plain' | 'default'): Arm {
  return {
    name: `Hive Gateway, Rust planner, ${setting}`,
    async start({ silent }) {
      installPeers();
      return startWithFile('../bench/peers/hiveGateway.mjs', silent, mode);
    },
  };
}

export const ARMS: readonly Arm[] = [
  { name: 'the bound', start: ({ silent }) => startWithFile('bench/servers/boundServer.js', silent) },
  { name: 'Apollo Gateway', start: ({ silent }) => startWithFile('bench/servers/apolloGateway.js', silent) },
  hive('nothing shared', 'plain'),
  hive('as it comes', 'default'),
  headgate('all off', false, NOTHING_SHARED),
  headgate('single flight only', false, {}),
  headgate('entity cache', true, { cache: { responses: false, joinRequests: false } }),
  headgate('response cache', true, {}),
];
