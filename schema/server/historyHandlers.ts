import { z } from 'zod';
import { sendJson } from '../../platform/http/sendJson.js';
import type { RegistryToken } from '../registryConfig.js';
import type { ArtefactStore } from '../store/artefacts.js';
import type { AuditLog } from '../store/auditLog.js';
import { type GraphStore, isComposed } from '../store/graphStore.js';
import type { ComposedVersion, Version } from '../store/version.js';
import type { SchemaWorker } from '../work/schemaWorker.js';
import type { Authorise } from './authorise.js';
import { limitQuery } from './checkHandlers.js';
import { parseWith } from './readJson.js';
import { RegistryRefusal } from './refusal.js';
import type { Routes } from './routes.js';

const versionsQuery = limitQuery.extend({ before: z.coerce.number().int().min(1).optional() });
const number = z.coerce.number().int().min(1);
const diffQuery = z.object({ from: number, to: number });
const schemaQuery = z.object({ version: number.optional(), subgraph: z.string().optional() });

export interface HistoryHandlersOptions {
  readonly graph: GraphStore;
  readonly artefacts: ArtefactStore;
  readonly audit: AuditLog;
  readonly worker: SchemaWorker;
  readonly tokens: readonly Pick<RegistryToken, 'name' | 'subgraphs'>[];
  readonly authorise: Authorise;
}

/** Everything that can be looked at. */
export function createHistoryHandlers(options: HistoryHandlersOptions): Routes {
  const { graph, artefacts, audit, worker, tokens, authorise } = options;

  /** @throws RegistryRefusal */
  async function composed(wanted: number): Promise<ComposedVersion> {
    const version = await graph.version(wanted);
    if (isComposed(version)) return version;
    const what =
      version === null ? `there is no version v${wanted}` : `v${wanted} was refused, and has no graph`;
    throw new RegistryRefusal('NOT_FOUND', what);
  }

  async function servedNumber(): Promise<number> {
    const { serving } = await graph.state();
    if (serving === null) throw new RegistryRefusal('NOTHING_PUBLISHED', 'nothing has been published yet');
    return serving;
  }

  return {
    'GET /v1/graph': async (request, response) => {
      authorise.toRead(request);
      const version = await composed(await servedNumber());
      sendJson(response, 200, {
        ...version,
        subgraphs: version.subgraphs.map((subgraph) => ({
          ...subgraph,
          owners: tokens.filter(({ subgraphs }) => subgraphs.includes(subgraph.name)).map(({ name }) => name),
        })),
      });
    },
    'GET /v1/versions': async (request, response, query) => {
      authorise.toRead(request);
      const { limit, before } = parseWith(versionsQuery, Object.fromEntries(query));
      const { serving } = await graph.state();
      const versions: Version[] = await graph.versions({ limit, before });
      sendJson(response, 200, { serving, versions });
    },
    'GET /v1/diff': async (request, response, query) => {
      authorise.toRead(request);
      const { from, to } = parseWith(diffQuery, Object.fromEntries(query));
      const [before, after] = await Promise.all([composed(from), composed(to)]);
      const [old, now] = await Promise.all([artefacts.get(before.apiSchema), artefacts.get(after.apiSchema)]);
      const changes = await worker.run({ kind: 'diff', before: old, after: now });
      sendJson(response, 200, {
        from,
        to,
        subgraphs: changedSubgraphs(before, after),
        changes: changes.map(({ reach: _, ...change }) => change),
      });
    },
    'GET /v1/schema': async (request, response, query) => {
      authorise.toRead(request);
      const { version, subgraph } = parseWith(schemaQuery, Object.fromEntries(query));
      const wanted = await composed(version ?? (await servedNumber()));
      const text = await artefacts.get(hashOfSchema(wanted, subgraph));
      const body = Buffer.from(text);
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length });
      response.end(body);
    },
    'GET /v1/audit': async (request, response, query) => {
      authorise.as(request, 'admin');
      const { limit } = parseWith(limitQuery, Object.fromEntries(query));
      sendJson(response, 200, await audit.list(limit));
    },
  };
}

/** What clients see, or the schema of one subgraph. */
function hashOfSchema(
  { number: shown, apiSchema, subgraphs }: ComposedVersion,
  subgraph: string | undefined,
) {
  if (subgraph === undefined) return apiSchema;
  const found = subgraphs.find(({ name }) => name === subgraph);
  if (found === undefined) throw new RegistryRefusal('NOT_FOUND', `v${shown} has no subgraph ${subgraph}`);
  return found.schema;
}

function changedSubgraphs(before: ComposedVersion, after: ComposedVersion) {
  const names = new Set([...before.subgraphs, ...after.subgraphs].map(({ name }) => name));
  return [...names].sort().flatMap((name) => {
    const [old, now] = [before, after].map(({ subgraphs }) => subgraphs.find((one) => one.name === name));
    if (old?.schema === now?.schema && old?.url === now?.url) return [];
    return [{ name, change: old === undefined ? 'added' : now === undefined ? 'removed' : 'changed' }];
  });
}
