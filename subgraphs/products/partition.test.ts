import os from 'node:os';
import { MongoClient } from 'mongodb';
import { silentLogger } from '../../platform/logger.js';
import { type GraphqlAnswer, type GraphqlClient, graphqlClient } from '../../test/support/graphqlClient.js';
import { meanwhile } from '../../test/support/meanwhile.js';
import { type ReplicaSet, startReplicaSet } from '../../test/support/mongod.js';
import { cutOffPrimary, holdElections, holdReplication } from '../../test/support/partition.js';
import { describeReal } from '../../test/support/realParts.js';
import { until } from '../../test/support/until.js';
import type { RunningSubgraph } from '../shared/startSubgraph.js';
import { startProducts } from './index.js';

const PATIENCE_MS = 120_000;
const FEED_TOKEN = 'feed-token-of-the-test';
const CREATE = `mutation ($sku: String!) {
  createProduct(input: { sku: $sku, name: $sku, category: "books", price: { amountMinor: 0, currency: "EUR" } }) { id }
}`;
const REPRICE = `mutation ($id: ID!, $amountMinor: Int!) {
  updateProduct(id: $id, input: { price: { amountMinor: $amountMinor, currency: "EUR" } }) { id }
}`;
const DISPLAY = `query ($id: ID!) {
  product(id: $id) { version price { amountMinor } }
  products(category: "books", sort: NAME_ASC) { edges { node { id price { amountMinor } } } }
}`;
const FEED = 'subscription ($after: String) { invalidations(after: $after) { tags cursor } }';

/** Whoever changes one product: its price goes up by one with each try. */
interface Editor {
  readonly id: string;
  tried: number;
  acknowledged: number;
  /** The last price that was acknowledged, and when the database had it. */
  last: { readonly amountMinor: number; readonly operationTime: string };
  readonly codes: Set<unknown>;
}

describeReal('mongod', 'products whose primary is cut off from everybody', () => {
  let replicaSet: ReplicaSet;
  let products: RunningSubgraph;
  let client: GraphqlClient;
  let mongodb: MongoClient;
  beforeAll(async () => {
    replicaSet = await startReplicaSet({ members: 3, setParameters: { enableTestCommands: 1 } });
    mongodb = new MongoClient(replicaSet.uriFor('shop'), { runtimeAdapters: { os } });
    products = await startProducts({
      port: 0,
      drainTimeoutMs: 500,
      feedToken: FEED_TOKEN,
      identitySecret: 'identity-secret-of-the-test',
      heartbeatMs: 100,
      logger: silentLogger(),
      // Less patient than in production, so that the story is short.
      database: { uri: replicaSet.uriFor('shop'), serverSelectionTimeoutMs: 2_000, connectTimeoutMs: 1_500 },
    });
    client = graphqlClient(products.url);
  }, PATIENCE_MS);
  afterAll(async () => {
    await products?.close();
    await replicaSet?.[Symbol.asyncDispose]();
    // Last: it would wait for a server that still hangs.
    await mongodb?.close();
  }, PATIENCE_MS);

  async function createEditor(sku: string): Promise<Editor> {
    const answer = await client.ask(CREATE, { sku });
    return {
      id: answer.data.createProduct.id,
      tried: 0,
      acknowledged: 0,
      last: { amountMinor: 0, operationTime: timeOf(answer) },
      codes: new Set(),
    };
  }

  async function edit(editor: Editor): Promise<void> {
    editor.tried += 1;
    const amountMinor = editor.tried;
    const answer = await client.ask(REPRICE, { id: editor.id, amountMinor });
    if (answer.errors) {
      for (const error of answer.errors) editor.codes.add(error.extensions['code']);
      return;
    }
    editor.acknowledged += 1;
    editor.last = { amountMinor, operationTime: timeOf(answer) };
  }

  /** Counts the changes that the feed tells of each product, from after the cursor or from now. */
  async function follow(after?: string) {
    const changes = new Map<string, number>();
    const results = client.subscribe(FEED, {
      path: '/invalidations',
      params: { authorization: `Bearer ${FEED_TOKEN}` },
      variables: { after },
    });
    const faults: unknown[] = [];
    let first: string | undefined;
    const following = (async () => {
      for await (const { data, errors } of results) {
        if (errors) faults.push(...errors);
        const { tags, cursor } = (data as { invalidations: { tags: string[]; cursor: string } })
          .invalidations;
        first ??= cursor;
        for (const tag of tags) changes.set(tag, (changes.get(tag) ?? 0) + 1);
      }
    })().catch((error: unknown) => void faults.push(error));
    await until('the feed has begun', () => first !== undefined || faults.length > 0, PATIENCE_MS);
    return {
      cursor: first as string,
      faults,
      changesOf: (id: string) => changes.get(`Product:id=${id}`) ?? 0,
      async close() {
        await results.return?.();
        await following;
      },
    };
  }

  it('shows them all the time, refuses changes by code until there is another, and loses none that it took', async () => {
    const feed = await follow();
    const editors = await Promise.all(['atlas', 'globe', 'map'].map(createEditor));
    const [edited] = editors as [Editor];
    const acknowledged = () => editors.reduce((sum, editor) => sum + editor.acknowledged, 0);
    let shown = 0;
    const unseen = new Set<unknown>();

    async function visitor(): Promise<void> {
      const { data, errors } = await client.ask(DISPLAY, { id: edited.id });
      // It may be old, as old as a secondary that does not know the product yet, but it is an answer.
      expect(errors).toBeUndefined();
      if (data.product === null) return;
      expect(data.products.edges).not.toEqual([]);
      expect(data.product.price.amountMinor).toBeLessThanOrEqual(edited.tried);
      shown += 1;
    }
    /** A visitor who has seen a change never sees what was before it. */
    async function witness(): Promise<void> {
      const { amountMinor, operationTime } = edited.last;
      const { data, errors } = await client.ask(
        DISPLAY,
        { id: edited.id },
        { 'headgate-after': operationTime },
      );
      for (const { extensions } of errors ?? []) unseen.add(extensions['code']);
      if (!errors) expect(data.product.price.amountMinor).toBeGreaterThanOrEqual(amountMinor);
    }
    /** Whether the primary has a change of each that it has not acknowledged. */
    async function areAhead(): Promise<boolean> {
      const stored = mongodb.db().collection<{ _id: string; version: number }>('products').find();
      const versions = new Map((await stored.toArray()).map(({ _id, version }) => [_id, version]));
      return editors.every(({ id, acknowledged: taken }) => (versions.get(id) ?? 0) - 1 > taken);
    }
    const untilMoreAre = (what: string, count: number, now: () => number) => {
      const goal = now() + count;
      return until(`${count} more are ${what}`, () => now() >= goal, PATIENCE_MS);
    };

    await meanwhile([...editors.map((editor) => () => edit(editor)), visitor, witness], async () => {
      await untilMoreAre('acknowledged', 20, acknowledged);
      const letElect = await holdElections(replicaSet);
      const letReplicate = await holdReplication(replicaSet);
      await until('the primary alone has a change of each', areAhead, PATIENCE_MS);
      const partition = await cutOffPrimary(replicaSet);
      await letReplicate();
      await until('all are refused', () => editors.every(({ codes }) => codes.size > 0), PATIENCE_MS);
      const atTheCut = acknowledged();
      await untilMoreAre('shown', 20, () => shown);
      expect(acknowledged()).toBe(atTheCut);
      await letElect();
      await untilMoreAre('acknowledged', 20, acknowledged);
      partition.heal();
      await untilMoreAre('acknowledged', 20, acknowledged);
    });
    for (const { codes } of editors) expect([...codes]).toEqual(['TEMPORARILY_UNAVAILABLE']);
    unseen.delete('TEMPORARILY_UNAVAILABLE');
    expect([...unseen]).toEqual([]);

    const resumed = await follow(feed.cursor);
    for (const editor of editors) {
      const { data } = await client.ask(
        DISPLAY,
        { id: editor.id },
        { 'headgate-after': editor.last.operationTime },
      );
      const { version, price } = data.product;
      // One that was refused may have been done all the same.
      expect(version - 1).toBeGreaterThanOrEqual(editor.acknowledged);
      expect(version - 1).toBeLessThanOrEqual(editor.tried);
      expect(price.amountMinor).toBeGreaterThanOrEqual(editor.last.amountMinor);
      for (const { changesOf } of [feed, resumed]) {
        await until('each change was told', () => changesOf(editor.id) >= version, PATIENCE_MS);
        expect(changesOf(editor.id)).toBe(version);
      }
    }
    expect([feed.faults, resumed.faults]).toEqual([[], []]);
    await Promise.all([feed.close(), resumed.close()]);
  });
});

function timeOf({ extensions }: GraphqlAnswer): string {
  const { operationTime } = (extensions?.['headgate'] ?? {}) as { readonly operationTime?: string };
  if (operationTime === undefined) throw new Error('the mutation does not say when it was done');
  return operationTime;
}
