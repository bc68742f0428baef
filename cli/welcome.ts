import type { RunningSampleSubgraph } from './sampleSubgraphs.js';

export interface WelcomeOptions {
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  readonly subgraphs: readonly RunningSampleSubgraph[];
  /** Takes whoever it names for the caller; `undefined` where tokens say who calls. */
  readonly identityHeader: string | undefined;
}

/** One query across all three subgraphs. The README shows it with its answer; a test runs it. */
export const FIRST_QUERY =
  '{ me { id orders(first: 1) { edges { node { status items { quantity product { name availability { inStock } } } } } } } }';

/** What a person sees when everything runs. */
export function welcome({ gatewayUrl, adminUrl, subgraphs, identityHeader }: WelcomeOptions): string {
  const addresses = subgraphs.map(({ name, url }) => `  ${name.padEnd(12)}${url}`).join('\n');
  return `
  Headgate is ready.

  graph       ${gatewayUrl}/graphql
  health      ${gatewayUrl}/health/ready
  metrics     ${adminUrl}/metrics
${addresses}

  Try it (${identityHeader ? 'the header says who you are; on this laptop it is believed' : 'with a token of your issuer'}):

  curl ${gatewayUrl}/graphql -H 'content-type: application/json' -H '${identityHeader ?? 'authorization'}: ${identityHeader ? 'ada' : 'Bearer …'}' \\
    -d '${JSON.stringify({ query: FIRST_QUERY })}'

  Ctrl-C stops everything.

`;
}
