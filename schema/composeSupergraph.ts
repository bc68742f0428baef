import { composeServices } from '@apollo/composition';
import { GraphQLError, parse } from 'graphql';
import { CompositionError } from './compositionError.js';

export interface SubgraphSchema {
  readonly name: string;
  readonly url: string;
  readonly typeDefs: string;
}

export interface Composition {
  readonly supergraphSdl: string;
  /** What composed, but may not be meant. */
  readonly hints: readonly string[];
}

/**
 * Composes by the rules of Apollo Federation 2. The order of the subgraphs does not matter.
 * @throws CompositionError
 */
export function composeSupergraph(subgraphs: readonly SubgraphSchema[]): Composition {
  // Composition orders its output by its input: sorted, equal schemas give equal text.
  const services = [...subgraphs]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, url, typeDefs }) => ({ name, url, typeDefs: parseOf(name, typeDefs) }));
  const result = composeServices(services);
  if (result.errors) {
    throw new CompositionError(
      result.errors.map(
        (error) => `${error.extensions['code'] ?? 'ERROR'}: ${error.message.replaceAll(/\s*\n\s*/g, ' ')}`,
      ),
    );
  }
  return {
    supergraphSdl: result.supergraphSdl,
    hints: (result.hints ?? []).map((hint) => `${hint.definition.code}: ${hint.message}`),
  };
}

function parseOf(name: string, typeDefs: string) {
  try {
    return parse(typeDefs);
  } catch (error) {
    throw new CompositionError([
      `INVALID_GRAPHQL: [${name}] ${error instanceof Error ? error.message : String(error)}${placeOf(error)}`,
    ]);
  }
}

function placeOf(error: unknown): string {
  const [place] = error instanceof GraphQLError ? (error.locations ?? []) : [];
  return place === undefined ? '' : ` (line ${place.line}, column ${place.column})`;
}
