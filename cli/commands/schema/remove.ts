import { publishedOrThrow } from './publish.js';
import { askRegistry, type CommandIo, type RegistryOptions } from './registryClient.js';

export interface RemoveOptions extends RegistryOptions {
  readonly subgraph: string;
}

/** `headgate schema remove` */
export async function runRemove(options: RemoveOptions, io: CommandIo): Promise<void> {
  const { subgraph } = options;
  const answer = await askRegistry('/v1/remove', { subgraph }, options, io);
  publishedOrThrow(subgraph, 'removed', answer, options, io);
}
