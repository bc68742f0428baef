import { z } from 'zod';
import { sendJson } from '../../platform/http/sendJson.js';
import type { createChecker } from '../check/checker.js';
import type { ApprovalStore } from '../store/approvals.js';
import type { AuditLog } from '../store/auditLog.js';
import type { CheckStore } from '../store/checks.js';
import { type Authorise, checkOwner } from './authorise.js';
import { subgraphName } from './publishHandlers.js';
import { parseWith, readJson } from './readJson.js';
import type { Routes } from './routes.js';

const context = z.string().regex(/^[\w./#:@-]{1,200}$/, 'expected a name such as PR-123, without spaces');

const checkSchema = z.strictObject({
  subgraph: subgraphName,
  schema: z.string().min(1),
  url: z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' }).optional(),
  context,
  days: z.int().min(1).max(400).optional(),
});

const approveSchema = z.strictObject({
  subgraph: subgraphName,
  context,
  change: z.string().regex(/^[0-9a-f]{12}$/, 'expected the id of a change, as a check gives it'),
  reason: z.string().trim().min(3, 'expected a reason').max(500),
  expiresInDays: z.number().positive().max(365),
});

export const limitQuery = z.object({ limit: z.coerce.number().int().min(1).max(200).default(20) });

export interface CheckHandlersOptions {
  readonly check: ReturnType<typeof createChecker>;
  readonly checks: CheckStore;
  readonly approvals: ApprovalStore;
  readonly audit: AuditLog;
  readonly authorise: Authorise;
  readonly maxBodyBytes: number;
  readonly clock: () => Date;
}

const DAY_MS = 24 * 3_600_000;

export function createCheckHandlers(options: CheckHandlersOptions): Routes {
  const { check, checks, approvals, audit, authorise, maxBodyBytes, clock } = options;
  return {
    'POST /v1/check': async (request, response) => {
      const caller = authorise.as(request, 'team', 'admin');
      const body = await readJson(request, checkSchema, maxBodyBytes);
      checkOwner(caller, [body.subgraph]);
      const result = await checks.add(await check({ ...body, by: caller.name }));
      await audit.add({
        at: result.at,
        by: caller.name,
        action: 'check',
        what: `${body.subgraph} in ${body.context}: ${result.outcome}`,
      });
      sendJson(response, 200, result);
    },
    'GET /v1/checks': async (request, response, query) => {
      authorise.toRead(request);
      const { limit } = parseWith(limitQuery, Object.fromEntries(query));
      sendJson(response, 200, await checks.list(limit));
    },
    'POST /v1/approve': async (request, response) => {
      const caller = authorise.as(request, 'team', 'admin');
      const { expiresInDays, ...body } = await readJson(request, approveSchema, maxBodyBytes);
      checkOwner(caller, [body.subgraph]);
      const at = clock();
      const expiresAt = new Date(at.getTime() + expiresInDays * DAY_MS);
      await approvals.add({ ...body, by: caller.name, at, expiresAt });
      await audit.add({
        at,
        by: caller.name,
        action: 'approve',
        what: `${body.change} of ${body.subgraph} in ${body.context} until ${expiresAt.toISOString()}: ${body.reason}`,
      });
      sendJson(response, 200, { ...body, by: caller.name, expiresAt });
    },
  };
}
