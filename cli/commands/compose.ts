import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { composeSupergraph, type SubgraphSchema } from '../../schema/composeSupergraph.js';
import { CompositionError } from '../../schema/compositionError.js';
import { UsageError } from '../usageError.js';

export interface ComposeOptions {
  /** `name=URL=FILE`, each. */
  readonly subgraph: readonly string[];
  readonly out?: string | undefined;
  /** Writes nothing; fails when `out` is not what would be written. */
  readonly check?: boolean | undefined;
}

/** Composes schema files to a supergraph, on standard output or into a file; hints go to standard error. */
export function runCompose(options: ComposeOptions): void {
  const { supergraphSdl, hints } = composeSupergraph(options.subgraph.map(parseSubgraph));
  for (const hint of hints) process.stderr.write(`hint: ${hint}\n`);
  const text = `${supergraphSdl.trimEnd()}\n`;
  if (options.out === undefined) {
    if (options.check) throw new UsageError('--check: expected --out FILE to compare with');
    process.stdout.write(text);
  } else if (!options.check) {
    writeFileSync(options.out, text);
  } else if (!existsSync(options.out) || readFileSync(options.out, 'utf8') !== text) {
    throw new CompositionError([`${options.out} is not what the subgraphs compose to: compose it again`]);
  }
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
