import { z } from 'zod';
import { sendJson } from '../../platform/http/sendJson.js';
import type { ArtefactStore } from '../store/artefacts.js';
import { type GraphStore, isComposed } from '../store/graphStore.js';
import { fieldsOf } from '../usage/fieldsOf.js';
import { usageReportSchema } from '../usage/usageReport.js';
import type { UsageStore } from '../usage/usageStore.js';
import type { Authorise } from './authorise.js';
import { parseWith, readJson } from './readJson.js';
import { RegistryRefusal } from './refusal.js';
import type { Routes } from './routes.js';

const operationsQuery = z.object({ limit: z.coerce.number().int().min(1).max(5_000).default(100) });
export const daysQuery = z.object({ days: z.coerce.number().int().min(1).max(400).optional() });

export interface UsageHandlersOptions {
  readonly usage: UsageStore;
  readonly graph: GraphStore;
  readonly artefacts: ArtefactStore;
  readonly authorise: Authorise;
  readonly maxReportBytes: number;
  /** How many days "lately" is. */
  readonly days: number;
  readonly clock: () => Date;
}

export function createUsageHandlers(options: UsageHandlersOptions): Routes {
  const { usage, graph, artefacts, authorise, maxReportBytes, days, clock } = options;

  /** @throws RegistryRefusal */
  async function apiSchema(): Promise<string> {
    const { serving } = await graph.state();
    const version = serving === null ? null : await graph.version(serving);
    if (!isComposed(version))
      throw new RegistryRefusal('NOTHING_PUBLISHED', 'nothing has been published yet');
    return artefacts.get(version.apiSchema);
  }

  return {
    'POST /v1/usage': async (request, response) => {
      authorise.as(request, 'gateway', 'admin');
      await usage.add(await readJson(request, usageReportSchema, maxReportBytes));
      response.writeHead(204).end();
    },
    'GET /v1/operations': async (request, response, query) => {
      authorise.as(request, 'gateway', 'admin', 'reader');
      const { limit } = parseWith(operationsQuery, Object.fromEntries(query));
      const used = await usage.operations(daysBefore(clock(), days), limit);
      // Nobody can plan what they do not know the text of.
      sendJson(
        response,
        200,
        used.filter(({ text }) => text !== undefined),
      );
    },
    'GET /v1/usage/fields': async (request, response, query) => {
      authorise.toRead(request);
      const asked = parseWith(daysQuery, Object.fromEntries(query)).days ?? days;
      const since = daysBefore(clock(), asked);
      sendJson(response, 200, {
        days: asked,
        ...(await usage.coverage(since)),
        fields: fieldsOf(await apiSchema(), await usage.totals(since)),
      });
    },
  };
}

export function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * 24 * 3_600_000);
}
