import { createHash } from 'node:crypto';
import type { Approval } from '../store/approvals.js';
import { countOf, type UsedRow } from '../usage/usageStore.js';
import type { SchemaChange } from '../work/diffSchemas.js';
import type { Reach } from '../work/reach.js';
import type { CheckedChange, Hit, Verdict } from './checkResult.js';

export interface Evidence {
  /** Whether any gateway reported; without that, everything counts as used. */
  readonly known: boolean;
  /** All rows that use anything that a change may reach. */
  readonly rows: readonly UsedRow[];
  /**
   * How often each coordinate was used at all, when there were more rows than were read: then a change without a hit
   * is unused only if these say so too.
   */
  readonly totals?: ReadonlyMap<string, number> | undefined;
  /** Operations that do not fit the new schema any more. */
  readonly broken: ReadonlySet<string>;
  readonly names: ReadonlyMap<string, string | null>;
  readonly approvals: ReadonlyMap<string, Approval>;
}

const NOBODY: Reach = { coordinates: [] };

/** All coordinates whose use matters to a change. */
export function coordinatesIn(reach: Reach): string[] {
  return [...reach.coordinates, ...(reach.missing?.of ?? [])];
}

/** @returns the change with all of its hits */
export function judgeChange(change: SchemaChange, evidence: Evidence): CheckedChange {
  const { type, message, path, reason, severity, reach } = change;
  const id = changeId(change);
  const hits = reach === undefined ? [] : hitsOf(reach, evidence);
  const approval = evidence.approvals.get(id);
  const isApproved = severity === 'breaking' && approval !== undefined;
  return {
    id,
    verdict: verdictOf(change, hits, evidence, approval !== undefined),
    type,
    message,
    path,
    ...(reason !== undefined && { reason }),
    hits,
    count: hits.reduce((sum, { count }) => sum + count, 0),
    ...(isApproved && {
      approval: { by: approval.by, reason: approval.reason, expiresAt: approval.expiresAt },
    }),
  };
}

function verdictOf(
  { severity, reach }: SchemaChange,
  hits: readonly Hit[],
  { known, totals }: Evidence,
  approved: boolean,
): Verdict {
  if (severity !== 'breaking') return severity;
  // Unknown is not unused.
  const isUnused = known && hits.length === 0 && reach?.unknowable !== true;
  if (isUnused && !coordinatesIn(reach ?? NOBODY).some((one) => totals?.get(one))) return 'unused';
  return approved ? 'approved' : 'breaking';
}

/** The same for the same change, in whatever version of a pull request it stands. */
export function changeId({ type, path, message }: Pick<SchemaChange, 'type' | 'path' | 'message'>): string {
  return createHash('sha256')
    .update(JSON.stringify([type, path, message]))
    .digest('hex')
    .slice(0, 12);
}

/** Per operation and client, the most used first. */
function hitsOf(reach: Reach, { rows, broken, names }: Evidence): Hit[] {
  const hits = new Map<string, { hit: Hit; count: number }>();
  for (const row of rows) {
    const count = countHit(reach, row, broken);
    if (count === 0) continue;
    const key = JSON.stringify([row.operation, row.client.name, row.client.version]);
    const known = hits.get(key);
    if (known) known.count += count;
    else {
      const { operation, client } = row;
      hits.set(key, { hit: { operation, name: names.get(operation) ?? null, client, count }, count });
    }
  }
  return [...hits.values()].map(({ hit, count }) => ({ ...hit, count })).sort((a, b) => b.count - a.count);
}

/** How many executions of this row the change reaches. */
function countHit({ coordinates, missing }: Reach, row: UsedRow, broken: ReadonlySet<string>): number {
  const using = Math.max(0, ...coordinates.map((coordinate) => countOf(row, coordinate)));
  if (missing === undefined) return using;
  // An operation may reach an input type in several places, by variables that one execution sends and another does not:
  // as many executions as may have reached any of them, and none twice.
  const places = missing.of.map((coordinate) => countOf(row, coordinate));
  const reaching = Math.min(
    row.count,
    places.reduce((sum, count) => sum + count, 0),
  );
  // Sent by a variable that may be null, it is not enough: the operation itself is refused, whatever it sends.
  const lacking = broken.has(row.operation) ? reaching : reaching - countOf(row, missing.sent);
  return Math.max(using, lacking, 0);
}
