import { z } from 'zod';
import { sendJson } from '../../platform/http/sendJson.js';
import type { Followed } from '../graph/followed.js';
import type { Signer } from '../graph/signing.js';
import type { GivenLists, OperationListStore } from '../operations/operationListStore.js';
import type { OperationPublisher } from '../operations/operationPublisher.js';
import type { Authorise, Caller } from './authorise.js';
import { readJson } from './readJson.js';
import { RegistryRefusal } from './refusal.js';
import type { Routes } from './routes.js';
import { giveSigned } from './supergraphHandler.js';

const publishSchema = z.strictObject({
  client: z.string().min(1).max(100).optional(),
  operations: z
    .array(z.strictObject({ id: z.string().min(1).max(200), body: z.string().min(1) }))
    .max(20_000),
  replace: z.boolean().default(false),
});

export interface OperationListHandlersOptions {
  readonly lists: OperationListStore;
  readonly followed: Followed<GivenLists>;
  readonly publisher: OperationPublisher;
  readonly signer: Signer;
  readonly authorise: Authorise;
  readonly maxBodyBytes: number;
}

/** Lists of operations: published by whoever builds clients, followed by gateways. */
export function createOperationListHandlers(options: OperationListHandlersOptions): Routes {
  const { lists, followed, publisher, signer, authorise, maxBodyBytes } = options;
  return {
    'GET /v1/operation-lists': async (request, response, query) => {
      authorise.as(request, 'gateway', 'admin', 'reader');
      await giveSigned(request, response, query, {
        followed,
        sign: (given) => signer.sign(given, 'operations'),
        textOf: ({ text }) => text,
        contentType: 'application/json; charset=utf-8',
      });
    },
    'GET /v1/operation-lists/clients': async (request, response) => {
      authorise.toRead(request);
      const { version, summaries } = await lists.state();
      sendJson(response, 200, { version, lists: summaries });
    },
    'POST /v1/operation-lists': async (request, response) => {
      const caller = authorise.as(request, 'team', 'admin');
      const { client = null, operations, replace } = await readJson(request, publishSchema, maxBodyBytes);
      checkClient(caller, client);
      const result = await publisher.publish({ client, operations, replace, by: caller.name });
      if (result.outcome === 'refused') {
        const { faults } = result;
        throw new RegistryRefusal('OPERATIONS_REFUSED', 'refused: nothing changed', { faults });
      }
      sendJson(response, 200, result);
    },
  };
}

/** What is on everybody's list lets every client through, so it is no team's. @throws RegistryRefusal */
function checkClient({ name, role, clients }: Caller, client: string | null): void {
  if (role === 'admin' || (client !== null && clients.includes(client))) return;
  const what = client === null ? "everybody's list" : `the client ${client}`;
  throw new RegistryRefusal('FORBIDDEN', `${what} does not belong to "${name}"`);
}
