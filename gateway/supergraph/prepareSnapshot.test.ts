import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';
import { CodedError } from '../../platform/errors.js';
import { silentLogger } from '../../platform/logger.js';
import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { held } from '../../test/support/held.js';
import { recordingLogger } from '../../test/support/recordingLogger.js';
import { until } from '../../test/support/until.js';
import type { PlannerThread } from '../planning/plannerThread.js';
import { documentKeyOf } from './documentKey.js';
import { createSnapshotMaker } from './prepareSnapshot.js';
import { type ClientOperation, createRecentOperations, type RecentOperations } from './recentOperations.js';
import type { Snapshot } from './snapshot.js';

const { supergraphSdl } = composeSupergraph([
  { name: 'a', url: 'http://localhost/a', typeDefs: 'type Query { a: Int b: Int c: Int }' },
]);
const operation = (text: string, operationName?: string): ClientOperation => ({ text, operationName });

const note = (recent: RecentOperations, text: string, operationName?: string) =>
  recent.note(operation(text, operationName), documentKeyOf(text));

function planOf(text: string): QueryPlan {
  const supergraph = Supergraph.build(supergraphSdl);
  return new QueryPlanner(supergraph).buildQueryPlan(
    operationFromDocument(supergraph.apiSchema(), parse(text)),
  );
}

describe('a snapshot that is prepared', () => {
  const built = jest.spyOn(QueryPlanner.prototype, 'buildQueryPlan');
  beforeEach(() => built.mockClear());
  afterAll(() => built.mockRestore());

  function make(options: {
    operations?: number;
    timeoutMs?: number;
    registry?: () => Promise<readonly ClientOperation[]>;
    logger?: ReturnType<typeof recordingLogger>['logger'];
    /** Plans everything. */
    beside?: PlannerThread;
  }) {
    const { operations = 10, timeoutMs = 10_000, registry, logger = silentLogger(), beside } = options;
    const recent = createRecentOperations();
    const prepare = createSnapshotMaker({
      config: { planCacheEntries: 100, warmUp: { operations, timeoutMs } },
      source: registry ? { mostUsedOperations: registry } : {},
      recent,
      openPlanner: beside && (() => beside),
      logger,
    });
    return { recent, prepare: (signal = new AbortController().signal) => prepare(supergraphSdl, signal) };
  }

  /** Whether its plan was there before it was asked for. */
  function isPlanned(snapshot: Snapshot, { text, operationName }: ClientOperation): boolean {
    const before = built.mock.calls.length;
    snapshot.plan(parse(text), documentKeyOf(text), operationName, { identity: undefined, policies: [] });
    return built.mock.calls.length === before;
  }

  it('has plans of what this gateway was asked most, and of as many as it should', async () => {
    const [often, sometimes, once] = ['{ a }', 'query B { b }', '{ c }'] as const;
    const { recent, prepare } = make({ operations: 2 });
    for (const text of [once, often, often, often]) note(recent, text);
    for (let i = 0; i < 2; i++) note(recent, sometimes, 'B');
    const snapshot = await prepare();
    expect(built).toHaveBeenCalledTimes(2);
    expect(isPlanned(snapshot, operation(often))).toBe(true);
    expect(isPlanned(snapshot, operation(sometimes, 'B'))).toBe(true);
    expect(isPlanned(snapshot, operation(once))).toBe(false);
  });

  it('has plans of what the registry says is used, at a start, and is not held up by one that does not say', async () => {
    const known = make({ registry: async () => [operation('{ a }')] });
    expect(isPlanned(await known.prepare(), operation('{ a }'))).toBe(true);
    const { logger, lines } = recordingLogger();
    const silent = make({ registry: () => Promise.reject(new Error('down')), logger });
    expect(isPlanned(await silent.prepare(), operation('{ a }'))).toBe(false);
    expect(lines).toMatchObject([{ level: 40, err: { message: 'down' } }, {}]);
  });

  it('asks the registry once: later it knows by itself', async () => {
    const registry = jest.fn(async () => [operation('{ a }')]);
    const { prepare } = make({ registry });
    await prepare();
    const again = await prepare();
    expect(registry).toHaveBeenCalledTimes(1);
    expect(isPlanned(again, operation('{ a }'))).toBe(true);
  });

  it('passes over what is not valid any more, and what is no document', async () => {
    const { recent, prepare } = make({});
    for (const text of ['{ gone }', '{', '{ a }']) note(recent, text);
    expect(isPlanned(await prepare(), operation('{ a }'))).toBe(true);
  });

  it('is ready without all plans when they take too long, and says how many are left', async () => {
    const { logger, lines } = recordingLogger();
    const { recent, prepare } = make({ timeoutMs: 0, logger });
    note(recent, '{ a }');
    await prepare();
    expect(built).not.toHaveBeenCalled();
    expect(lines).toMatchObject([{ level: 40, left: 1 }]);
  });

  it('is given up when nobody needs it any more', async () => {
    const { recent, prepare } = make({});
    for (const text of ['{ a }', '{ b }', '{ c }']) note(recent, text);
    const stopping = new AbortController();
    built.mockImplementationOnce(() => {
      stopping.abort(new Error('stopped'));
      throw new Error('no plan');
    });
    await expect(prepare(stopping.signal)).rejects.toThrow('stopped');
    expect(built).toHaveBeenCalledTimes(1);
  });

  it('has large operations planned beside, where the requests of the old one do not wait for them', async () => {
    const answer = held<QueryPlan>();
    const plan = jest.fn(() => answer.promise);
    const { recent, prepare } = make({ beside: { plan } });
    for (const text of ['{ a }', '{ a }', '{ b }']) note(recent, text);
    const prepared = prepare();
    await until('the first is planned', () => plan.mock.calls.length === 1);
    answer.release(planOf('{ a }'));
    plan.mockRejectedValueOnce(new CodedError('QUERY_PLAN_LIMIT', 'too much'));
    built.mockClear();
    const snapshot = await prepared;
    expect(plan).toHaveBeenCalledTimes(2);
    expect(isPlanned(snapshot, operation('{ a }'))).toBe(true);
    expect(isPlanned(snapshot, operation('{ b }'))).toBe(false);
  });

  it('does not wait for what is planned beside when nobody needs it any more', async () => {
    const plan = jest.fn(() => held<QueryPlan>().promise);
    const { recent, prepare } = make({ beside: { plan } });
    note(recent, '{ a }');
    const stopping = new AbortController();
    const prepared = prepare(stopping.signal);
    prepared.catch(() => undefined);
    await until('it is planned', () => plan.mock.calls.length === 1);
    stopping.abort(new Error('stopped'));
    await expect(prepared).rejects.toThrow('stopped');
  });

  it('lets others have their turn between the plans', async () => {
    const { recent, prepare } = make({});
    for (const text of ['{ a }', '{ b }', '{ c }']) note(recent, text);
    const seen: number[] = [];
    let isOver = false;
    const look = () => {
      seen.push(built.mock.calls.length);
      if (!isOver) setImmediate(look);
    };
    look();
    await prepare();
    isOver = true;
    expect(new Set(seen)).toEqual(new Set([0, 1, 2, 3]));
  });
});

describe('the operations that were asked of late', () => {
  it('are bounded by their length: what was used last stays', () => {
    const recent = createRecentOperations(2 * 310);
    for (const text of ['{ aaaaaa }', '{ bbbbbb }', '{ cccccc }']) note(recent, text);
    expect(recent.mostUsed(10).map(({ text }) => text)).toEqual(['{ cccccc }', '{ bbbbbb }']);
    note(recent, `{ ${'x'.repeat(1000)} }`);
    expect(recent.mostUsed(10)).toHaveLength(2);
  });
});
