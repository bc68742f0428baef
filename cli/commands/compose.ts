import { readFileSync, writeFileSync } from 'node:fs';
import { composeSupergraph, type SubgraphSchema } from '../../schema/composeSupergraph.js';
import { UsageError } from '../usageError.js';

export interface ComposeOptions {
  /** `name=URL=FILE`, each. */
  readonly subgraph: readonly string[];
  readonly out?: string | undefined;
}

/** Composes schema files to a supergraph, on standard output or into a file; hints go to standard error. */
export function runCompose(options: ComposeOptions): void {
  const { supergraphSdl, hints } = composeSupergraph(options.subgraph.map(parseSubgraph));
  for (const hint of hints) process.stderr.write(`hint: ${hint}\n`);
  if (options.out === undefined) process.stdout.write(`${supergraphSdl}\n`);
  else writeFileSync(options.out, `${supergraphSdl}\n`);
}

function parseSubgraph(argument: string): SubgraphSchema {
  const match = /^([\w-]+)=(https?:\/\/[^=]+)=(.+)$/.exec(argument);
  if (!match) throw new UsageError(`--subgraph ${argument}: expected NAME=URL=FILE`);
  const [, name, url, file] = match as unknown as [string, string, string, string];
  try {
    return { name, url, typeDefs: readFileSync(file, 'utf8') };
  } catch (error) {
    throw new UsageError(
      `--subgraph ${argument}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}
