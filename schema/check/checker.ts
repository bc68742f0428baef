import { parse } from 'graphql';
import type { SubgraphSchema } from '../composeSupergraph.js';
import { joined } from '../graph/publish.js';
import type { ApprovalStore } from '../store/approvals.js';
import type { ArtefactStore } from '../store/artefacts.js';
import { type GraphStore, isComposed } from '../store/graphStore.js';
import type { UsageStore } from '../usage/usageStore.js';
import type { Composed } from '../work/jobs.js';
import type { LintLevels } from '../work/lintRules.js';
import type { LintFinding } from '../work/lintSchema.js';
import type { SchemaWorker } from '../work/schemaWorker.js';
import type { CheckResult } from './checkResult.js';
import { coordinatesIn, type Evidence, judgeChange } from './judgeChange.js';

export interface CheckRequest {
  readonly subgraph: string;
  readonly schema: string;
  /** @default the address that is published */
  readonly url?: string | undefined;
  readonly context: string;
  /** How far to look back. @default as configured */
  readonly days?: number | undefined;
  readonly by: string;
}

export interface CheckerOptions {
  readonly graph: GraphStore;
  readonly artefacts: ArtefactStore;
  readonly approvals: ApprovalStore;
  readonly usage: UsageStore;
  readonly worker: SchemaWorker;
  readonly days: number;
  readonly lint: LintLevels;
  readonly clock: () => Date;
}

/** Of these there is one per hour, operation and client. */
const MAX_ROWS = 100_000;
/** Operations whose texts one check looks at, the most used ones. */
const MAX_OPERATIONS = 2_000;
/** Shown at most, per change. */
const MAX_HITS = 50;

/** Where a subgraph will be does not matter before it is published. */
const NO_ADDRESS = 'http://localhost/graphql';

/** Says what would happen if this schema were published now, and changes nothing. */
export function createChecker(options: CheckerOptions): (request: CheckRequest) => Promise<CheckResult> {
  const { graph, artefacts, approvals, usage, worker, clock } = options;

  return async (request) => {
    const { subgraph, schema, context, by, days = options.days } = request;
    const at = clock();
    const since = new Date(at.getTime() - days * 24 * 3_600_000);
    const { serving } = await graph.state();
    const served = serving === null ? null : await graph.version(serving);
    const base = isComposed(served) ? served : undefined;
    const before = base && (await artefacts.get(base.apiSchema));
    const coverage = await usage.coverage(since);
    const common = { at, by, subgraph, context, against: base?.number ?? null, usage: { days, ...coverage } };

    const composed = await worker.run({
      kind: 'compose',
      subgraphs: await subgraphsWith(request, base?.subgraphs ?? []),
      before,
    });
    const lint = await lintOf(schema);
    if (composed.outcome !== 'composed') {
      return {
        ...common,
        outcome: 'failed',
        faults: composed.faults,
        hints: [],
        changes: [],
        operations: [],
        lint,
      };
    }
    const { evidence, unfit } = await gather(composed, before, since, coverage.known, request);
    const changes = composed.changes.map((change) => judgeChange(change, evidence));
    // A change that clients only notice is no reason for an operation not to fit.
    const breaking = changes.filter(({ verdict }) => verdict === 'breaking' || verdict === 'approved');
    const explained = new Set(breaking.flatMap(({ hits }) => hits.map(({ operation }) => operation)));
    const operations = unfit.filter(({ id }) => !explained.has(id));
    const fails =
      changes.some(({ verdict }) => verdict === 'breaking') ||
      operations.some(({ approved }) => !approved) ||
      lint.some(({ severity }) => severity === 'error');
    const already = new Set(base?.hints);
    return {
      ...common,
      outcome: fails ? 'failed' : 'passed',
      faults: [],
      hints: composed.hints.filter((hint) => !already.has(hint)),
      changes: changes.map((change) => ({ ...change, hits: change.hits.slice(0, MAX_HITS) })),
      operations: operations.slice(0, MAX_HITS),
      lint,
    };
  };

  async function subgraphsWith(
    { subgraph, schema, url }: CheckRequest,
    present: readonly { readonly name: string; readonly url: string; readonly schema: string }[],
  ): Promise<SubgraphSchema[]> {
    const own = present.find(({ name }) => name === subgraph);
    const others = await Promise.all(
      present
        .filter(({ name }) => name !== subgraph)
        .map(async (one) => ({ name: one.name, url: one.url, typeDefs: await artefacts.get(one.schema) })),
    );
    return joined(others, [{ name: subgraph, url: url ?? own?.url ?? NO_ADDRESS, typeDefs: schema }]);
  }

  async function lintOf(text: string): Promise<readonly LintFinding[]> {
    try {
      parse(text);
    } catch {
      // Composition has said so, in better words.
      return [];
    }
    return worker.run({ kind: 'lint', text, levels: options.lint });
  }

  async function gather(
    { changes, apiSchema }: Composed,
    before: string | undefined,
    since: Date,
    known: boolean,
    { context, subgraph }: CheckRequest,
  ): Promise<{ evidence: Evidence; unfit: CheckResult['operations'] }> {
    const reached = changes.flatMap(({ reach }) => (reach ? coordinatesIn(reach) : []));
    const sent = changes.flatMap(({ reach }) => reach?.missing?.sent ?? []);
    const rows = await usage.using([...new Set([...reached, ...sent])], since, MAX_ROWS);
    const isPart = rows.length === MAX_ROWS;
    const breaks = before !== undefined && changes.some(({ severity }) => severity === 'breaking');
    const used = breaks ? await usage.operations(since, MAX_OPERATIONS) : [];
    const texts = used.flatMap(({ id, text }) => (text === undefined ? [] : [{ id, text }]));
    const broken = breaks
      ? await worker.run({ kind: 'validate', before, after: apiSchema, operations: texts })
      : [];
    const ids = new Set([...rows.map(({ operation }) => operation), ...broken.map(({ id }) => id)]);
    const names = new Map((await usage.operationsById([...ids])).map(({ id, name }) => [id, name]));
    const evidence = {
      known,
      rows,
      totals: isPart ? await usage.totals(since) : undefined,
      broken: new Set(broken.map(({ id }) => id)),
      names,
      approvals: await approvals.of(context, subgraph, clock()),
    };
    const unfit = broken.map(({ id, errors }) => {
      const change = id.slice(0, 12);
      return { id, name: names.get(id) ?? null, change, approved: evidence.approvals.has(change), errors };
    });
    return { evidence, unfit };
  }
}
