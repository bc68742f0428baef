import { type OperationList, readOperationList } from '../../../gateway/persisted/readOperationList.js';
import { CommandError, EXIT_CODES } from '../../commandError.js';
import { UsageError } from '../../usageError.js';
import { readInputFile } from '../schema/readSchemaFile.js';
import { askRegistry, type CommandIo, type RegistryOptions } from '../schema/registryClient.js';

export type ListOptions = RegistryOptions;

export interface RemoveOperationsOptions extends RegistryOptions {
  /** @default everybody's */
  readonly client?: string | undefined;
}

export interface PublishOperationsOptions extends RemoveOperationsOptions {
  readonly file: string;
  readonly replace?: boolean | undefined;
}

interface Published {
  readonly outcome: 'published' | 'unchanged';
  readonly version: number;
  readonly added: number;
  readonly removed: number;
  readonly operations: number;
}

interface Refused {
  readonly errors: readonly [{ readonly extensions: { readonly faults: readonly string[] } }];
}

interface Listed {
  readonly version: number;
  readonly lists: readonly {
    readonly client: string | null;
    readonly operations: number;
    readonly by: string;
    readonly at: string;
  }[];
}

/** `headgate operations publish` */
export async function runPublishOperations(options: PublishOperationsOptions, io: CommandIo): Promise<void> {
  const { file, replace = false } = options;
  const operations = [...listIn(file)].map(([id, body]) => ({ id, body }));
  await change(options, { operations, replace }, io);
}

/** `headgate operations remove` */
export async function runRemoveOperations(options: RemoveOperationsOptions, io: CommandIo): Promise<void> {
  await change(options, { operations: [], replace: true }, io);
}

/** `headgate operations list` */
export async function runListOperations(options: ListOptions, io: CommandIo): Promise<void> {
  const { body } = await askRegistry('/v1/operation-lists/clients', undefined, options, io);
  if (options.json) {
    io.write(`${JSON.stringify(body)}\n`);
    return;
  }
  const { lists } = body as Listed;
  const lines = lists.map(
    ({ client, operations, by, at }) =>
      `${client ?? '(everybody)'}  ${operations} operations, changed ${at} by ${by}\n`,
  );
  io.write(lines.length === 0 ? 'no operations were published yet\n' : lines.join(''));
}

/** @throws CommandError when it was refused */
async function change(
  options: RemoveOperationsOptions,
  sent: { readonly operations: readonly object[]; readonly replace: boolean },
  io: CommandIo,
): Promise<void> {
  const { client, json } = options;
  const { status, body } = await askRegistry('/v1/operation-lists', { client, ...sent }, options, io);
  const whose = client ?? 'everybody';
  if (status === 422) {
    const { faults } = (body as Refused).errors[0].extensions;
    if (json) io.write(`${JSON.stringify({ outcome: 'refused', faults })}\n`);
    const lines = faults.map((fault) => `\n  ${fault}`).join('');
    throw new CommandError(`the list of ${whose} was not changed:${lines}`, EXIT_CODES.rejected);
  }
  if (json) {
    io.write(`${JSON.stringify(body)}\n`);
    return;
  }
  const { outcome, added, removed, operations } = body as Published;
  io.write(
    outcome === 'unchanged'
      ? `the list of ${whose} is that already: nothing changed\n`
      : `the list of ${whose}: ${added} added, ${removed} removed, ${operations} on it now\n`,
  );
}

/** @throws UsageError */
function listIn(file: string): OperationList {
  const text = readInputFile('--file', file);
  try {
    return readOperationList(text);
  } catch (error) {
    throw new UsageError(`--file ${file}: ${(error as Error).message}`);
  }
}
