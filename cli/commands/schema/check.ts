import type { CheckResult } from '../../../schema/check/checkResult.js';
import { CommandError, EXIT_CODES } from '../../commandError.js';
import { describeCheck } from './describeCheck.js';
import { readSchemaFile } from './readSchemaFile.js';
import { askRegistry, type CommandIo, type RegistryOptions } from './registryClient.js';

export interface CheckOptions extends RegistryOptions {
  readonly subgraph: string;
  readonly schema: string;
  readonly context: string;
  readonly days?: number | undefined;
}

/** `headgate schema check` */
export async function runCheck(options: CheckOptions, io: CommandIo): Promise<void> {
  const { subgraph, schema, context, days, json } = options;
  const request = { subgraph, schema: readSchemaFile(schema), context, days };
  const result = (await askRegistry('/v1/check', request, options, io)).body as CheckResult;
  io.write(json ? `${JSON.stringify(result)}\n` : describeCheck(result));
  if (result.outcome === 'failed') {
    throw new CommandError(`the check of ${subgraph} in ${context} failed`, EXIT_CODES.rejected);
  }
}
