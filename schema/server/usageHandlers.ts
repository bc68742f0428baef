import { z } from 'zod';
import { sendJson } from '../../platform/http/sendJson.js';
import { usageReportSchema } from '../usage/usageReport.js';
import type { UsageStore } from '../usage/usageStore.js';
import type { Authorise } from './authorise.js';
import { parseWith, readJson } from './readJson.js';
import type { Routes } from './routes.js';

const operationsQuery = z.object({ limit: z.coerce.number().int().min(1).max(5_000).default(100) });
export const daysQuery = z.object({ days: z.coerce.number().int().min(1).max(400).optional() });

export interface UsageHandlersOptions {
  readonly usage: UsageStore;
  readonly authorise: Authorise;
  readonly maxReportBytes: number;
  /** How many days "lately" is. */
  readonly days: number;
  readonly clock: () => Date;
}

export function createUsageHandlers(options: UsageHandlersOptions): Routes {
  const { usage, authorise, maxReportBytes, days, clock } = options;
  return {
    'POST /v1/usage': async (request, response) => {
      authorise.as(request, 'gateway', 'admin');
      await usage.add(await readJson(request, usageReportSchema, maxReportBytes));
      response.writeHead(204).end();
    },
    'GET /v1/operations': async (request, response, query) => {
      authorise.as(request, 'gateway', 'admin', 'reader');
      const { limit } = parseWith(operationsQuery, Object.fromEntries(query));
      sendJson(response, 200, await usage.operations(daysBefore(clock(), days), limit));
    },
    'GET /v1/usage/fields': async (request, response, query) => {
      authorise.toRead(request);
      const asked = parseWith(daysQuery, Object.fromEntries(query)).days ?? days;
      const since = daysBefore(clock(), asked);
      const totals = await usage.totals(since);
      sendJson(response, 200, {
        days: asked,
        known: await usage.isKnown(since),
        coordinates: Object.fromEntries([...totals].sort(([a], [b]) => (a < b ? -1 : 1))),
      });
    },
  };
}

export function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * 24 * 3_600_000);
}
