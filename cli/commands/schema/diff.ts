import type { SchemaChange } from '../../../schema/work/diffSchemas.js';
import { describeChanges } from './describeCheck.js';
import { askRegistry, type CommandIo, type RegistryOptions } from './registryClient.js';
import { versionNumber } from './versionNumber.js';

interface Diff {
  readonly subgraphs: readonly { readonly name: string; readonly change: string }[];
  readonly changes: readonly Omit<SchemaChange, 'reach'>[];
}

/** `headgate schema diff` */
export async function runDiff(
  from: string,
  to: string,
  options: RegistryOptions,
  io: CommandIo,
): Promise<void> {
  const path = `/v1/diff?from=${versionNumber(from)}&to=${versionNumber(to)}`;
  const { body } = await askRegistry(path, undefined, options, io);
  if (options.json) {
    io.write(`${JSON.stringify(body)}\n`);
    return;
  }
  const { subgraphs, changes } = body as Diff;
  const names = subgraphs.map(({ name, change }) => `subgraph ${name}: ${change}\n`).join('');
  io.write(`${names}${changes.length === 0 ? 'clients see no difference\n' : describeChanges(changes)}`);
}
