import { createTurns } from '../graph/turns.js';
import type { ArtefactStore } from '../store/artefacts.js';
import type { AuditLog } from '../store/auditLog.js';
import { type GraphStore, isComposed } from '../store/graphStore.js';
import type { SchemaWorker } from '../work/schemaWorker.js';
import { type ClientList, type OperationListStore, parseLists, writeLists } from './operationListStore.js';

export interface OperationPublishRequest {
  /** `null` is the list of everybody. */
  readonly client: string | null;
  readonly operations: readonly { readonly id: string; readonly body: string }[];
  /** Whether what is not among them leaves the list. */
  readonly replace: boolean;
  /** Name of the token. */
  readonly by: string;
}

export type OperationPublishResult =
  | {
      readonly outcome: 'published' | 'unchanged';
      readonly version: number;
      readonly added: number;
      readonly removed: number;
      /** On the list now. */
      readonly operations: number;
    }
  | { readonly outcome: 'refused'; readonly faults: readonly string[] };

export interface OperationPublisherOptions {
  readonly lists: OperationListStore;
  readonly graph: GraphStore;
  readonly artefacts: ArtefactStore;
  readonly audit: AuditLog;
  readonly worker: SchemaWorker;
  readonly clock: () => Date;
  /** Called when gateways get something else than before. */
  onChange(): void;
}

export interface OperationPublisher {
  publish(request: OperationPublishRequest): Promise<OperationPublishResult>;
}

/** How often a publish begins anew because others, in other processes, were faster. */
const ATTEMPTS = 20;
/** All lists together: one document of the database holds them. */
export const MAX_LIST_BYTES = 12 * 1024 * 1024;
const MAX_FAULTS = 20;

export function createOperationPublisher(options: OperationPublisherOptions): OperationPublisher {
  const { lists, graph, artefacts, audit, worker, clock, onChange } = options;
  const inTurn = createTurns();

  /** What clients could not run is a mistake now, and one that nobody sees later. */
  async function invalid(operations: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const { serving } = await graph.state();
    const version = serving === null ? null : await graph.version(serving);
    if (operations.size === 0) return [];
    if (!isComposed(version)) return ['there is no graph yet that they could be operations of'];
    const broken = await worker.run({
      kind: 'validate',
      after: await artefacts.get(version.apiSchema),
      operations: [...operations].map(([id, text]) => ({ id, text })),
    });
    return broken.map(({ id, errors }) => `${id}: ${errors.join(' ')}`);
  }

  /** @returns `undefined` when somebody else was faster */
  async function attempt(request: OperationPublishRequest): Promise<OperationPublishResult | undefined> {
    const { client, replace, by } = request;
    const seen = await lists.state();
    const all = parseLists(await lists.textOf(seen));
    const before = new Map(all.find((list) => list.client === client)?.operations);
    const sent = new Map<string, string>();
    for (const { id, body } of request.operations) {
      const meant = sent.get(id) ?? before.get(id);
      // Whoever has the old text cached under this id, or was built with it, would be answered something else.
      if (meant !== undefined && meant !== body)
        return refused([`${id}: this id stands for another text already`]);
      sent.set(id, body);
    }
    const added = new Map([...sent].filter(([id]) => !before.has(id)));
    const faults = await invalid(added);
    if (faults.length > 0) return refused(faults);
    const after = replace ? sent : new Map([...before, ...sent]);
    const removed = [...before.keys()].filter((id) => !after.has(id)).length;
    const counts = { added: added.size, removed, operations: after.size };
    if (added.size === 0 && removed === 0) return { outcome: 'unchanged', version: seen.version, ...counts };
    const others = all.filter((list) => list.client !== client);
    const own: ClientList[] = after.size === 0 ? [] : [{ client, operations: [...after] }];
    const text = writeLists([...others, ...own]);
    if (Buffer.byteLength(text) > MAX_LIST_BYTES)
      return refused([`all lists together would take more than ${MAX_LIST_BYTES} bytes`]);
    const summaries = seen.summaries.filter((summary) => summary.client !== client);
    const summary = { client, operations: after.size, by, at: clock() };
    const next = after.size === 0 ? summaries : [...summaries, summary];
    if (!(await lists.change(seen, text, next))) return undefined;
    return { outcome: 'published', version: seen.version + 1, ...counts };
  }

  return {
    publish: (request) =>
      inTurn(async () => {
        for (let left = ATTEMPTS; left > 0; left--) {
          const result = await attempt(request);
          if (result === undefined) continue;
          if (result.outcome === 'published') {
            onChange();
            const { added, removed, operations, version } = result;
            await audit.add({
              at: clock(),
              by: request.by,
              action: 'operations',
              what: `${request.client ?? 'everybody'}: ${added} added, ${removed} removed, ${operations} listed (change ${version})`,
            });
          }
          return result;
        }
        throw new Error(`the lists of operations were changed by others ${ATTEMPTS} times meanwhile`);
      }),
  };
}

function refused(faults: readonly string[]): OperationPublishResult {
  const more = faults.length - MAX_FAULTS;
  return {
    outcome: 'refused',
    faults: more > 0 ? [...faults.slice(0, MAX_FAULTS), `and ${more} more`] : faults,
  };
}
