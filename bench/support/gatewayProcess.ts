import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GatewayConfigInput } from '../../gateway/config.js';
import { type MeasuredProcess, startMeasured } from './measuredProcess.js';

export interface GatewayProcessOptions {
  readonly supergraphSdl: string;
  /** What deviates from the defaults of production. */
  readonly config?: GatewayConfigInput;
  /** Another script than the command line, such as one that leaves something out on purpose. */
  readonly script?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Of Node itself. */
  readonly nodeOptions?: readonly string[];
}

/** `headgate gateway` as a process of its own, with a supergraph and a configuration in files of its own. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<MeasuredProcess> {
  const { supergraphSdl, config = {}, script = 'cli/headgate.js', env = {}, nodeOptions } = options;
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-bench-'));
  const supergraph = path.join(folder, 'supergraph.graphql');
  const configFile = path.join(folder, 'headgate.yaml');
  writeFileSync(supergraph, supergraphSdl);
  writeFileSync(
    configFile,
    JSON.stringify({ gateway: { port: 0, admin: { port: 0 }, supergraph, ...config } }),
  );
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  try {
    const gateway = await startMeasured(script, ['gateway', '--config', configFile], env, nodeOptions);
    return {
      ...gateway,
      async [Symbol.asyncDispose]() {
        await gateway[Symbol.asyncDispose]();
        removeFolder();
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}
