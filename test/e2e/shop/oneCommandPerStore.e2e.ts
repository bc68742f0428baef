import type { CommandEvent } from '../../../platform/database/mongodb/monitorCommands.js';
import { describeShop } from '../../support/describeShop.js';
import { type RecordedCall, recordingDatabase } from '../../support/recordingDatabase.js';

/** What the stores asked of their database: on MongoDB, the commands that went over the wire. */
const asked: string[] = [];
const BOOKKEEPING = new Set(['hello', 'ping', 'endSessions']);

function onCommand(event: CommandEvent): void {
  if (event.phase !== 'started' || BOOKKEEPING.has(event.name) || isOfChangeStream(event.command)) return;
  asked.push(`${event.name} ${event.command[event.name]}`);
}

describeShop(
  'a page of 50 products',
  (shop) => {
    beforeEach(() => {
      asked.length = 0;
    });

    it('from a list costs one command of products and one of inventory', async () => {
      const { data, errors } = await shop().ask(
        '{ products(category: "music", first: 50) { edges { node { name availability { available } } } } }',
      );
      expect(errors).toBeUndefined();
      expect(data.products.edges).toHaveLength(50);
      expect(asked.sort()).toEqual(['find products', 'find stock']);
    });

    it('from a search costs no more', async () => {
      const { data, errors } = await shop().ask(
        '{ searchProducts(text: "g", first: 50) { edges { node { name availability { available } } } } }',
      );
      expect(errors).toBeUndefined();
      expect(data.searchProducts.edges).toHaveLength(50);
      expect(asked.sort()).toEqual(['find products', 'find stock']);
    });

    it('that orders point to costs one command of each of the three', async () => {
      const { data, errors } = await shop().askAs(
        'grace',
        '{ me { orders(first: 40) { edges { node { items { product { name availability { available } } } } } } } }',
      );
      expect(errors).toBeUndefined();
      const items = data.me.orders.edges.flatMap(({ node }: { node: { items: unknown[] } }) => node.items);
      expect(items.length).toBeGreaterThan(50);
      expect(asked.sort()).toEqual(['find orders', 'find products', 'find stock']);
    });

    it('that a client picked one by one costs one command of products', async () => {
      const picked = Array.from({ length: 50 }, (_, index) => `books-${String(index + 1).padStart(4, '0')}`);
      const fields = picked.map((id, index) => `p${index}: product(id: "${id}") { name }`);
      const { data, errors } = await shop().ask(`{ ${fields.join(' ')} }`);
      expect(errors).toBeUndefined();
      expect(Object.keys(data)).toHaveLength(50);
      expect(asked).toEqual(['find products']);
    });
  },
  {
    database: () => ({
      onCommand,
      wrap: (database) => (database.kind === 'embedded' ? recorded(database) : database),
    }),
  },
);

/** Opened once per process, and waiting all the time. */
function isOfChangeStream({ aggregate, collection }: Readonly<Record<string, unknown>>): boolean {
  // A stream over a database has no collection: it is an `aggregate: 1`, and read on under this name.
  return aggregate === 1 || collection === '$cmd.aggregate';
}

function recorded(database: Parameters<typeof recordingDatabase>[0]) {
  const recording = recordingDatabase(database);
  const push = recording.calls.push.bind(recording.calls);
  recording.calls.push = (...calls: RecordedCall[]) => {
    asked.push(...calls.map(({ method, collection }) => `${method} ${collection}`));
    return push(...calls);
  };
  return recording.database;
}
