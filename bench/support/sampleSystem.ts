import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SUBGRAPH_NAMES, subgraphTypeDefs } from '../../cli/sampleSubgraphs.js';
import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { type MeasuredProcess, startMeasured } from './measuredProcess.js';

export interface SampleSystem extends AsyncDisposable {
  readonly gateway: MeasuredProcess;
  readonly subgraphs: readonly MeasuredProcess[];
}

const COMMAND = 'cli/headgate.js';

/** The sample shop with each part as a process of its own, so that each one's CPU time can be told. */
export async function startSampleSystem(env: NodeJS.ProcessEnv): Promise<SampleSystem> {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-bench-'));
  const secrets = {
    HEADGATE_FEED_TOKEN: 'bench-feed-token',
    HEADGATE_IDENTITY_SECRET: 'bench-identity-secret',
  };
  const started: MeasuredProcess[] = [];
  const stop = async () => {
    for (const process of started.reverse()) await process[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  };
  try {
    for (const name of SUBGRAPH_NAMES) {
      started.push(
        await startMeasured(COMMAND, ['subgraph', name, '--port', '0', '--sample-data'], {
          ...env,
          ...secrets,
        }),
      );
    }
    const subgraphs = [...started];
    const supergraph = path.join(folder, 'supergraph.graphql');
    const schemas = SUBGRAPH_NAMES.map((name, index) => ({
      name,
      url: subgraphs[index]?.url as string,
      typeDefs: subgraphTypeDefs(name),
    }));
    writeFileSync(supergraph, composeSupergraph(schemas).supergraphSdl);
    const gateway = await startMeasured(COMMAND, ['gateway', '--port', '0', '--supergraph', supergraph], {
      ...env,
      ...secrets,
    });
    started.push(gateway);
    return { gateway, subgraphs, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
