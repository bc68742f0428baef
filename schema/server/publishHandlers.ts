import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { sendJson } from '../../platform/http/sendJson.js';
import type { Publisher, PublishResult } from '../graph/publish.js';
import { type Authorise, checkOwner } from './authorise.js';
import { readJson } from './readJson.js';
import { RegistryRefusal } from './refusal.js';
import type { Routes } from './routes.js';

export const subgraphName = z
  .string()
  .regex(/^[A-Za-z_][\w-]{0,63}$/, 'expected a name of letters, digits, "_" and "-"');

const publishSchema = z.strictObject({
  subgraphs: z
    .array(
      z.strictObject({
        name: subgraphName,
        url: z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' }),
        schema: z.string().min(1),
      }),
    )
    .min(1)
    .max(100)
    .refine(
      (all) => new Set(all.map(({ name }) => name)).size === all.length,
      'a subgraph stands there twice',
    ),
  message: z.string().max(500).optional(),
});

const removeSchema = z.strictObject({ subgraph: subgraphName });
const rollbackSchema = z.strictObject({ to: z.int().min(1) });

export interface PublishHandlersOptions {
  readonly publisher: Publisher;
  readonly authorise: Authorise;
  readonly maxBodyBytes: number;
}

export function createPublishHandlers({
  publisher,
  authorise,
  maxBodyBytes,
}: PublishHandlersOptions): Routes {
  return {
    'POST /v1/publish': async (request, response) => {
      const caller = authorise.as(request, 'team', 'admin');
      const { subgraphs, message } = await readJson(request, publishSchema, maxBodyBytes);
      checkOwner(
        caller,
        subgraphs.map(({ name }) => name),
      );
      const result = await publisher.publish({
        subgraphs: subgraphs.map(({ name, url, schema }) => ({ name, url, typeDefs: schema })),
        message,
        by: caller.name,
      });
      answer(response, result);
    },
    'POST /v1/remove': async (request, response) => {
      const caller = authorise.as(request, 'team', 'admin');
      const { subgraph } = await readJson(request, removeSchema, maxBodyBytes);
      checkOwner(caller, [subgraph]);
      answer(response, await publisher.publish({ subgraphs: [], removed: [subgraph], by: caller.name }));
    },
    'POST /v1/rollback': async (request, response) => {
      // It takes back what other teams published as well.
      const caller = authorise.as(request, 'admin');
      const { to } = await readJson(request, rollbackSchema, maxBodyBytes);
      if (!(await publisher.rollback(to, caller.name))) {
        throw new RegistryRefusal('NOT_FOUND', `there is no version v${to} that was ever composed`);
      }
      sendJson(response, 200, { serving: to });
    },
  };
}

/** @throws RegistryRefusal when it cannot be served, so that nothing changed */
function answer(response: ServerResponse, result: PublishResult): void {
  if (result.outcome === 'refused') {
    const { faults, version } = result;
    throw new RegistryRefusal(
      'COMPOSITION_FAILED',
      `refused, and recorded as v${version}: it cannot be served`,
      {
        version,
        faults,
      },
    );
  }
  const shown =
    result.outcome === 'published'
      ? { ...result, changes: result.changes.map(({ reach: _, ...change }) => change) }
      : result;
  sendJson(response, 200, shown);
}
