import type { SubgraphSchema } from '../composeSupergraph.js';
import { type ArtefactStore, hashOf } from '../store/artefacts.js';
import type { AuditLog } from '../store/auditLog.js';
import { type GraphState, type GraphStore, isComposed } from '../store/graphStore.js';
import type { SubgraphEntry, Version } from '../store/version.js';
import type { SchemaChange } from '../work/diffSchemas.js';
import type { Composed, NotComposed } from '../work/jobs.js';
import type { SchemaWorker } from '../work/schemaWorker.js';
import { createTurns } from './turns.js';

export interface PublishRequest {
  /** One as a rule; several when they only fit together. */
  readonly subgraphs: readonly SubgraphSchema[];
  /** Subgraphs that leave the graph. */
  readonly removed?: readonly string[];
  readonly message?: string | undefined;
  /** Name of the token. */
  readonly by: string;
}

export type PublishResult =
  | { readonly outcome: 'unchanged'; readonly version: number }
  | {
      readonly outcome: 'published';
      readonly version: number;
      readonly hints: readonly string[];
      /** What clients see differently. */
      readonly changes: readonly SchemaChange[];
    }
  | { readonly outcome: 'refused'; readonly version: number; readonly faults: readonly string[] };

export interface PublisherOptions {
  readonly graph: GraphStore;
  readonly artefacts: ArtefactStore;
  readonly audit: AuditLog;
  readonly worker: SchemaWorker;
  readonly clock: () => Date;
  /** Called when gateways get something else than before. */
  onChange(): void;
}

export interface Publisher {
  publish(request: PublishRequest): Promise<PublishResult>;
  /** Serves an earlier version again, as it was composed then. @returns `false` when there is no such version, or it was refused */
  rollback(to: number, by: string): Promise<boolean>;
}

/** How often a publish begins anew because others, in other processes, were faster. */
const ATTEMPTS = 20;

export function createPublisher(options: PublisherOptions): Publisher {
  const { graph, artefacts, audit, worker, clock, onChange } = options;
  // Within one process they wait for each other, instead of composing what will be out of date.
  const inTurn = createTurns();

  /** @returns `undefined` when somebody else was faster */
  async function attempt(request: PublishRequest): Promise<PublishResult | undefined> {
    const seen = await graph.state();
    const served = seen.serving === null ? null : await graph.version(seen.serving);
    const before = isComposed(served) ? served : undefined;
    const { removed = [] } = request;
    const present = before?.subgraphs ?? [];
    const isThere = request.subgraphs.every((wanted) => present.some((known) => isSame(known, wanted)));
    const staying = present.filter(({ name }) => !removed.includes(name));
    if (isThere && staying.length === present.length) {
      return { outcome: 'unchanged', version: seen.serving ?? 0 };
    }
    const at = clock();
    const subgraphs = joined(staying, await Promise.all(request.subgraphs.map((one) => toEntry(one, at))));
    const composed = await worker.run({
      kind: 'compose',
      subgraphs: await Promise.all(
        subgraphs.map(async ({ name, url, schema }) => ({
          name,
          url,
          typeDefs: await artefacts.get(schema),
        })),
      ),
      before: before && (await artefacts.get(before.apiSchema)),
    });
    const version = await toVersion(seen, composed, subgraphs, at);
    if (!(await graph.addVersion(seen, version))) return undefined;
    return version.outcome === 'refused'
      ? { outcome: 'refused', version: version.number, faults: version.faults }
      : {
          outcome: 'published',
          version: version.number,
          hints: version.hints,
          changes: (composed as Composed).changes,
        };

    async function toEntry(
      { name, url, typeDefs }: SubgraphSchema,
      publishedAt: Date,
    ): Promise<SubgraphEntry> {
      return { name, url, schema: await artefacts.put(typeDefs), publishedBy: request.by, publishedAt };
    }

    async function toVersion(
      { head }: GraphState,
      result: Composed | NotComposed,
      entries: readonly SubgraphEntry[],
      publishedAt: Date,
    ): Promise<Version> {
      const common = {
        number: (head?.number ?? 0) + 1,
        at: publishedAt,
        by: request.by,
        published: request.subgraphs.map(({ name }) => name),
        ...(removed.length > 0 && { removed }),
        subgraphs: entries,
        ...(request.message !== undefined && { message: request.message }),
      };
      if (result.outcome !== 'composed') return { ...common, outcome: 'refused', faults: result.faults };
      const count = (severity: string) =>
        result.changes.filter((change) => change.severity === severity).length;
      return {
        ...common,
        outcome: 'composed',
        supergraph: await artefacts.put(result.supergraphSdl),
        apiSchema: await artefacts.put(result.apiSchema),
        hints: result.hints,
        changes: { breaking: count('breaking'), dangerous: count('dangerous'), safe: count('safe') },
      };
    }
  }

  async function untilTaken<T>(once: () => Promise<T | undefined>): Promise<T> {
    for (let left = ATTEMPTS; left > 0; left--) {
      const result = await once();
      if (result !== undefined) return result;
    }
    throw new Error(`the graph was changed by others ${ATTEMPTS} times while this was checked`);
  }

  return {
    publish: (request) =>
      inTurn(async () => {
        const result = await untilTaken(() => attempt(request));
        if (result.outcome === 'published') onChange();
        const { removed = [] } = request;
        const names = [...request.subgraphs.map(({ name }) => name), ...removed].join(', ');
        await audit.add({
          at: clock(),
          by: request.by,
          action: removed.length > 0 ? 'remove' : 'publish',
          what: `${names}: ${result.outcome}, v${result.version}`,
        });
        return result;
      }),
    rollback: (to, by) =>
      inTurn(async () => {
        if (!isComposed(await graph.version(to))) return false;
        const from = await untilTaken(async () => {
          const seen = await graph.state();
          return (await graph.pointTo(seen, to)) ? { serving: seen.serving } : undefined;
        });
        onChange();
        await audit.add({ at: clock(), by, action: 'rollback', what: `v${from.serving} to v${to}` });
        return true;
      }),
  };
}

function isSame(known: SubgraphEntry, { name, url, typeDefs }: SubgraphSchema): boolean {
  return known.name === name && known.url === url && known.schema === hashOf(typeDefs);
}

/** The graph with these in place of those of the same name. */
export function joined<T extends { readonly name: string }>(present: readonly T[], added: readonly T[]): T[] {
  const names = new Set(added.map(({ name }) => name));
  return [...present.filter(({ name }) => !names.has(name)), ...added].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}
