import { askRegistry, type CommandIo, type RegistryOptions } from './registryClient.js';
import { versionNumber } from './versionNumber.js';

export interface RollbackOptions extends RegistryOptions {
  readonly to: string;
}

/** `headgate schema rollback` */
export async function runRollback(options: RollbackOptions, io: CommandIo): Promise<void> {
  const to = versionNumber(options.to);
  const { body } = await askRegistry('/v1/rollback', { to }, options, io);
  io.write(
    options.json ? `${JSON.stringify(body)}\n` : `gateways now get v${to} again, as it was composed then\n`,
  );
}
