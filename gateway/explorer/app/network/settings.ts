import { buildSchema, type GraphQLSchema } from 'graphql';
import type { ExplorerSettings } from '../../explorerSettings';

export async function loadSettings(): Promise<ExplorerSettings> {
  const response = await fetch('/graphiql/settings.json');
  return (await response.json()) as ExplorerSettings;
}

/** The schema where introspection is off. @returns `undefined` when the token does not open it */
export async function loadSchema(explorerToken: string): Promise<GraphQLSchema | undefined> {
  if (explorerToken === '') return undefined;
  const response = await fetch('/graphiql/schema.graphql', {
    headers: { 'headgate-explorer-token': explorerToken },
  });
  return response.ok ? buildSchema(await response.text(), { assumeValid: true }) : undefined;
}
