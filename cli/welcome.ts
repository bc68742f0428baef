import type { RunningSampleSubgraph } from './sampleSubgraphs.js';

export interface WelcomeOptions {
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  readonly registryUrl: string;
  /** Publishes to it. */
  readonly registryToken: string;
  readonly subgraphs: readonly RunningSampleSubgraph[];
  /** Takes whoever it names for the caller; `undefined` where tokens say who calls. */
  readonly identityHeader: string | undefined;
}

/** One query across all three subgraphs. The README shows it with its answer; a test runs it. */
export const FIRST_QUERY =
  '{ me { id orders(first: 1) { edges { node { status items { quantity product { name availability { inStock } } } } } } } }';

/** What a person sees when everything runs. */
export function welcome(options: WelcomeOptions): string {
  const { gatewayUrl, adminUrl, registryUrl, registryToken, subgraphs, identityHeader } = options;
  const addresses = subgraphs.map(({ name, url }) => `  ${name.padEnd(12)}${url}`).join('\n');
  return `
  Headgate is ready.

  graph       ${gatewayUrl}/graphql
  explorer    ${gatewayUrl}/graphiql
  health      ${gatewayUrl}/health/ready
  metrics     ${adminUrl}/metrics
  registry    ${registryUrl}
${addresses}

  Try it (${identityHeader ? 'the header says who you are; on this laptop it is believed' : 'with a token of your issuer'}):

  curl ${gatewayUrl}/graphql -H 'content-type: application/json' -H '${identityHeader ?? 'authorization'}: ${identityHeader ? 'ada' : 'Bearer …'}' \\
    -d '${JSON.stringify({ query: FIRST_QUERY })}'

  To publish a schema of your own: export HEADGATE_SCHEMA_TOKEN=${registryToken}

  Ctrl-C stops everything.

`;
}
