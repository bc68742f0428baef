import { subgraphTypeDefs } from '../../cli/sampleSubgraphs.js';
import { SUBGRAPH_NAMES, type SubgraphName } from '../../cli/subgraphNames.js';
import type { GatewayConfigInput } from '../../gateway/config.js';
import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { startGatewayProcess } from './gatewayProcess.js';
import { type MeasuredProcess, startMeasured } from './measuredProcess.js';

export interface SampleSubgraphs extends AsyncDisposable {
  readonly processes: Readonly<Record<SubgraphName, MeasuredProcess>>;
  readonly supergraphSdl: string;
}

export interface SampleSystem extends AsyncDisposable {
  readonly gateway: MeasuredProcess;
  readonly subgraphs: readonly MeasuredProcess[];
}

export const FEED_TOKEN = 'bench-feed-token';
const SECRETS = { HEADGATE_FEED_TOKEN: FEED_TOKEN, HEADGATE_IDENTITY_SECRET: 'bench-identity-secret' };

/** The subgraphs of the sample shop, each as a process of its own. */
export async function startSampleSubgraphs(env: NodeJS.ProcessEnv): Promise<SampleSubgraphs> {
  const started: [SubgraphName, MeasuredProcess][] = [];
  const stop = async () => {
    // Orders asks products: it goes first.
    for (const [, process] of started.splice(0).reverse()) await process[Symbol.asyncDispose]();
  };
  try {
    for (const name of SUBGRAPH_NAMES) {
      const args = ['subgraph', name, '--port', '0', '--sample-data'];
      started.push([name, await startMeasured('cli/headgate.js', args, { ...env, ...SECRETS })]);
    }
    const { supergraphSdl } = composeSupergraph(
      started.map(([name, { url }]) => ({ name, url, typeDefs: subgraphTypeDefs(name) })),
    );
    const processes = Object.fromEntries(started) as Record<SubgraphName, MeasuredProcess>;
    return { processes, supergraphSdl, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where a subgraph tells of its changes. */
export function feedUrlOf({ url }: MeasuredProcess): string {
  return url.replace(/^http/, 'ws').replace(/\/graphql$/, '/invalidations');
}

/** The sample shop with each part as a process of its own, so that each one's CPU time can be told. */
export async function startSampleSystem(
  env: NodeJS.ProcessEnv,
  config: GatewayConfigInput = {},
): Promise<SampleSystem> {
  const subgraphs = await startSampleSubgraphs(env);
  try {
    const { supergraphSdl, processes } = subgraphs;
    const gateway = await startGatewayProcess({ supergraphSdl, config, env: { ...env, ...SECRETS } });
    return {
      gateway,
      subgraphs: Object.values(processes),
      async [Symbol.asyncDispose]() {
        await gateway[Symbol.asyncDispose]();
        await subgraphs[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await subgraphs[Symbol.asyncDispose]();
    throw error;
  }
}
