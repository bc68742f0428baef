import type { SchemaChange } from '../../../schema/work/diffSchemas.js';
import { CommandError, EXIT_CODES } from '../../commandError.js';
import { describeChanges } from './describeCheck.js';
import { readSchemaFile } from './readSchemaFile.js';
import { askRegistry, type CommandIo, type RegistryAnswer, type RegistryOptions } from './registryClient.js';

export interface PublishOptions extends RegistryOptions {
  readonly subgraph: string;
  readonly url: string;
  readonly schema: string;
  readonly message?: string | undefined;
}

interface Published {
  readonly outcome: 'published' | 'unchanged';
  readonly version: number;
  readonly hints?: readonly string[];
  readonly changes?: readonly Omit<SchemaChange, 'reach'>[];
}

interface Refused {
  readonly errors: readonly [
    { readonly extensions: { readonly version: number; readonly faults: readonly string[] } },
  ];
}

/** `headgate schema publish` */
export async function runPublish(options: PublishOptions, io: CommandIo): Promise<void> {
  const { subgraph, url, schema, message } = options;
  const subgraphs = [{ name: subgraph, url, schema: readSchemaFile(schema) }];
  const answer = await askRegistry('/v1/publish', { subgraphs, message }, options, io);
  publishedOrThrow(subgraph, 'published', answer, options, io);
}

/** Says what became of it. @throws CommandError when it was refused */
export function publishedOrThrow(
  subgraph: string,
  done: 'published' | 'removed',
  { status, body }: RegistryAnswer,
  { json }: RegistryOptions,
  io: CommandIo,
): void {
  if (status === 422) {
    const { version, faults } = (body as Refused).errors[0].extensions;
    if (json) io.write(`${JSON.stringify({ outcome: 'refused', version, faults })}\n`);
    const lines = faults.map((fault) => `\n  ${fault}`).join('');
    throw new CommandError(
      `${subgraph} was not ${done}, and nothing changed (recorded as v${version}):${lines}`,
      EXIT_CODES.rejected,
    );
  }
  const published = body as Published;
  io.write(json ? `${JSON.stringify(published)}\n` : describe(subgraph, done, published));
}

function describe(
  subgraph: string,
  done: 'published' | 'removed',
  { outcome, version, hints = [], changes = [] }: Published,
): string {
  if (outcome === 'unchanged') {
    const why = done === 'removed' ? `there is no subgraph ${subgraph}` : `v${version} is that already`;
    return `${why}: nothing changed\n`;
  }
  const head = `${subgraph} was ${done}; gateways now get v${version}\n`;
  return `${head}${describeChanges(changes)}${hints.map((hint) => `hint: ${hint}\n`).join('')}`;
}
