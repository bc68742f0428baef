import path from 'node:path';
import { parse } from 'graphql';
import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { federationLink } from '../../test/support/federationLink.js';
import { buildSnapshot, type Snapshot, type SnapshotOptions } from '../supergraph/snapshot.js';
import { type PlannerProgram, plannerOpener } from './plannerOpener.js';

const PROGRAM: PlannerProgram = {
  file: path.join(__dirname, 'plannerProgram.ts'),
  execArgv: ['--require', path.join(__dirname, '../../test/support/runTypescript.cjs')],
};
const GENEROUS = { inlineFields: 2, timeoutMs: 60_000, maxWaiting: 10 };
const NOBODY = { identity: undefined, policies: [] } as never;

const { supergraphSdl } = composeSupergraph([
  {
    name: 'users',
    url: 'http://users.test',
    typeDefs: `${federationLink('@key')} type Query { users: [User!]! } type User @key(fields: "id") { id: ID! name: String }`,
  },
  {
    name: 'reviews',
    url: 'http://reviews.test',
    typeDefs: `${federationLink('@key')} type User @key(fields: "id") { id: ID! reviews: [Review!]! } type Review { text: String }`,
  },
]);
const LARGE = parse('query Large { users { name reviews { text } } }');
const SMALL = parse('{ users { id } }');

function snapshotWith(
  planning: typeof GENEROUS,
  onPlan: SnapshotOptions['onPlan'] = () => undefined,
): Snapshot {
  return buildSnapshot(supergraphSdl, {
    planCacheEntries: 10,
    planInlineFields: planning.inlineFields,
    openPlanner: plannerOpener(planning, PROGRAM),
    onPlan,
  });
}

/** All that is data in a plan. */
const stepsOf = (plan: { readonly root: unknown }) => JSON.stringify(plan.root);

describe('planning beside the event loop', () => {
  it('gives the plan that is made in place, once for all who want it at the same time', async () => {
    const outcomes: string[] = [];
    const snapshot = snapshotWith(GENEROUS, (outcome) => outcomes.push(outcome));
    const [first, second] = [1, 2].map(() => snapshot.planAside(LARGE, 'large', 'Large', NOBODY));
    expect(first).toBeInstanceOf(Promise);
    expect(await second).toBe(await first);
    expect(outcomes).toEqual(['made']);
    const inPlace = buildSnapshot(supergraphSdl, { planCacheEntries: 10 }).plan(
      LARGE,
      'large',
      'Large',
      NOBODY,
    );
    expect(stepsOf(await (first as Promise<typeof inPlace>))).toBe(stepsOf(inPlace));
    // From then on it is known, to whoever asks.
    expect(snapshot.plan(LARGE, 'large', 'Large', NOBODY)).toBe(await first);
    expect(outcomes).toEqual(['made', 'hit']);
  });

  it('is not for small operations', () => {
    const snapshot = snapshotWith({ ...GENEROUS, timeoutMs: 1 });
    expect(snapshot.planAside(SMALL, 'small', undefined, NOBODY)).not.toBeInstanceOf(Promise);
  });

  it('gives up what takes too long, and does not try it again at once', async () => {
    const outcomes: string[] = [];
    const snapshot = snapshotWith({ ...GENEROUS, timeoutMs: 1 }, (outcome) => outcomes.push(outcome));
    const plan = async () => snapshot.planAside(LARGE, 'large', 'Large', NOBODY);
    await expect(plan()).rejects.toMatchObject({ code: 'QUERY_PLAN_LIMIT' });
    await expect(plan()).rejects.toMatchObject({ code: 'QUERY_PLAN_LIMIT' });
    expect(outcomes).toEqual(['failed']);
  });

  it('refuses more than may wait', async () => {
    const snapshot = snapshotWith({ ...GENEROUS, maxWaiting: 1 });
    const first = snapshot.planAside(LARGE, 'large', 'Large', NOBODY);
    const another = async () => snapshot.planAside(LARGE, 'another', 'Large', NOBODY);
    await expect(another()).rejects.toMatchObject({ code: 'OVERLOADED' });
    await first;
    await expect(another()).resolves.toBeDefined();
  });
});
