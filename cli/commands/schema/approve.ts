import { askRegistry, type CommandIo, type RegistryOptions } from './registryClient.js';

export interface ApproveOptions extends RegistryOptions {
  readonly subgraph: string;
  readonly context: string;
  readonly change: string;
  readonly reason: string;
  /** In days. */
  readonly expires: number;
}

/** `headgate schema approve` */
export async function runApprove(options: ApproveOptions, io: CommandIo): Promise<void> {
  const { subgraph, context, change, reason, expires, json } = options;
  const request = { subgraph, context, change, reason, expiresInDays: expires };
  const { body } = await askRegistry('/v1/approve', request, options, io);
  const { expiresAt } = body as { expiresAt: string };
  io.write(
    json
      ? `${JSON.stringify(body)}\n`
      : `${change} of ${subgraph} is approved in ${context} until ${expiresAt}\n`,
  );
}
