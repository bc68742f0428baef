import type { GatewayConfig } from '../gateway/config.js';
import type { RunningSampleSubgraph } from './sampleSubgraphs.js';
import type { SubgraphName } from './subgraphNames.js';

export interface DemoOptions {
  readonly identitySecret: string;
  readonly feedToken: string;
  readonly subgraphs: readonly RunningSampleSubgraph[];
}

/** Lets anyone claim to be anyone, so that a laptop needs no login. */
const DEMO_IDENTITY_HEADER = 'x-user';

/** Of the sample subgraphs, only orders shows each customer something else. */
const KNOWS_WHO_ASKS: ReadonlySet<SubgraphName> = new Set(['orders']);

/** What the sample system adds to the gateway's configuration; what is configured stays. */
export function demoGatewayConfig(config: GatewayConfig, options: DemoOptions) {
  const { identitySecret, feedToken, subgraphs } = options;
  const { jwt, trustedHeader = jwt ? undefined : DEMO_IDENTITY_HEADER } = config.identity;
  const byName = Object.fromEntries(
    subgraphs.map(({ name, url }) => [
      name,
      {
        forwardIdentity: KNOWS_WHO_ASKS.has(name),
        feedUrl: url.replace(/^http/, 'ws').replace(/\/graphql$/, '/invalidations'),
        ...config.subgraphs.byName[name],
      },
    ]),
  );
  return {
    ...config,
    identity: { ...config.identity, trustedHeader, secret: identitySecret },
    // The header that says who asks can only be sent so by a page that opens a WebSocket, such as the explorer.
    streaming: { ...config.streaming, trustConnectionParams: true },
    // A laptop is for looking inside.
    introspection: true,
    suggestions: true,
    explorer: { ...config.explorer, enabled: true, trace: true },
    cache: { ...config.cache, feedToken: config.cache.feedToken ?? feedToken, explain: true },
    subgraphs: { ...config.subgraphs, byName: { ...config.subgraphs.byName, ...byName } },
  } satisfies GatewayConfig;
}
