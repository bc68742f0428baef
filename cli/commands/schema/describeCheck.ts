import type { CheckedChange, CheckResult } from '../../../schema/check/checkResult.js';
import type { SchemaChange } from '../../../schema/work/diffSchemas.js';

/** Clients named per change; `--json` has all that the registry sends. */
const SHOWN_HITS = 5;

/** What a check found, for a person. */
export function describeCheck(result: CheckResult): string {
  const { subgraph, context, against, outcome, faults, hints, changes, operations, lint, usage } = result;
  const base = against === null ? 'the first graph' : `v${against}`;
  const lines = [`${subgraph} in ${context}, against ${base}: ${outcome}`];
  if (faults.length > 0) lines.push('', 'it does not compose:', ...faults.map((fault) => `  ${fault}`));
  const worth = changes.filter(({ verdict }) => verdict !== 'safe');
  if (worth.length > 0)
    lines.push('', usageLine(usage), ...worth.flatMap((change) => changeLines(change, usage.known)));
  const safe = changes.length - worth.length;
  if (safe > 0) lines.push('', `${safe} ${safe === 1 ? 'change' : 'changes'} that nobody notices`);
  if (changes.length === 0 && faults.length === 0) lines.push('', 'clients see no difference');
  if (operations.length > 0) {
    lines.push('', 'operations that do not fit any more:');
    for (const { id, name, change, approved, errors } of operations) {
      const mark = approved ? ' (approved)' : '';
      lines.push(`  ${nameOf(name, id)}${mark}: ${errors.join(' ')}  [${change}]`);
    }
  }
  if (hints.length > 0) lines.push('', ...hints.map((hint) => `hint: ${hint.replaceAll(/\s*\n\s*/g, ' ')}`));
  if (lint.length > 0) lines.push('');
  for (const { line, column, severity, message, rule } of lint) {
    lines.push(`lint ${severity} ${line}:${column} ${message} (${rule})`);
  }
  return `${lines.join('\n')}\n`;
}

function usageLine({ days, known, dropped }: CheckResult['usage']): string {
  const missing =
    dropped > 0 ? ` (gateways could not keep ${dropped} executions, which are missing here)` : '';
  return known
    ? `by what clients did in the last ${days} days${missing}:`
    : `no gateway has reported usage in the last ${days} days, so everything counts as used:`;
}

function changeLines(
  { id, verdict, message, hits, count, approval }: CheckedChange,
  known: boolean,
): string[] {
  const lines = [`  ${verdict.padEnd(9)} ${message}  [${id}]`];
  if (approval)
    lines.push(
      `            approved by ${approval.by} until ${String(approval.expiresAt)}: ${approval.reason}`,
    );
  if (!known || count === 0) return lines;
  lines.push(`            ${count} ${count === 1 ? 'execution' : 'executions'}`);
  for (const { operation, name, client, count: times } of hits.slice(0, SHOWN_HITS)) {
    // In one line, whatever a client calls itself.
    const called = `${client.name} ${client.version}`.replaceAll(/\s+/g, ' ').trim();
    const who = client.name === '' ? 'a client without a name' : called;
    lines.push(`              ${times} by ${who}: ${nameOf(name, operation)}`);
  }
  if (hits.length > SHOWN_HITS) lines.push(`              and ${hits.length - SHOWN_HITS} more`);
  return lines;
}

function nameOf(name: string | null, id: string): string {
  return name ?? `operation ${id.slice(0, 12)}`;
}

/** Changes without usage, the worst first. */
export function describeChanges(changes: readonly Omit<SchemaChange, 'reach'>[]): string {
  return changes.map(({ severity, message }) => `  ${severity.padEnd(9)} ${message}\n`).join('');
}
