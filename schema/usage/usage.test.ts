import type { Database } from '../../platform/database/database.js';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { createRoom } from './room.js';
import { USAGE_COLLECTIONS } from './usageCollections.js';
import { type ReportedOperation, usageReportSchema } from './usageReport.js';
import { countOf, createUsageStore } from './usageStore.js';

const NOON = new Date('2026-03-10T12:30:00Z');
const hoursAgo = (hours: number) => new Date(NOON.getTime() - hours * 3_600_000);
const id = (name: string) => Buffer.from(name).toString('hex').padStart(64, '0');

const operation = (name: string, more: Partial<ReportedOperation> = {}): ReportedOperation => ({
  id: id(name),
  name,
  kind: 'query',
  text: `query ${name} { product { name } }`,
  client: { name: 'web', version: '1' },
  count: 1,
  errors: 0,
  fields: ['Query.product', 'Product.name'],
  arguments: [],
  inputFields: [],
  enumValues: [],
  ...more,
});

const report = (operations: ReportedOperation[], to: Date = NOON) => ({
  supergraph: id('s'),
  from: to.toISOString(),
  to: to.toISOString(),
  dropped: 0,
  operations,
});

onBothDatabases('usage', (open) => {
  let database: Database;
  beforeEach(async () => {
    database = await open(USAGE_COLLECTIONS);
  });

  const start = (limits: { maxRowsPerHour?: number; maxOperationsPerDay?: number } = {}) =>
    createUsageStore(database, {
      retentionDays: 30,
      maxRowsPerHour: 100,
      maxOperationsPerDay: 100,
      clock: () => NOON,
      ...limits,
    });

  it('adds up what gateways report, by operation and client', async () => {
    const usage = start();
    await usage.add(report([operation('A', { count: 2, errors: 1 })]));
    await usage.add(report([operation('A', { count: 3, arguments: ['Query.product.id'] })]));
    await usage.add(report([operation('A', { client: { name: 'ios', version: '2' }, count: 4 })]));
    const rows = await usage.using(['Product.name', 'Query.product.id'], hoursAgo(1), 10);
    expect(
      rows.map((row) => [row.client.name, row.count, row.errors, countOf(row, 'Query.product.id')]).sort(),
    ).toEqual([
      ['ios', 4, 0, 0],
      ['web', 5, 1, 3],
    ]);
  });

  it('is added up when many gateways report at once', async () => {
    const usage = start();
    const other = start();
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? usage : other).add(report([operation('A')]))),
    );
    expect(await usage.operations(hoursAgo(24), 5)).toMatchObject([{ name: 'A', count: 10 }]);
    expect((await usage.totals(hoursAgo(24))).get('Product.name')).toBe(10);
  });

  it('is found by what it uses and by when', async () => {
    const usage = start();
    await usage.add(report([operation('Old')], hoursAgo(50)));
    await usage.add(report([operation('New', { fields: ['Query.me'] })]));
    const found = async (coordinate: string, since: Date) =>
      (await usage.using([coordinate], since, 10)).map((row) => row.operation);
    expect(await found('Product.name', hoursAgo(72))).toEqual([id('Old')]);
    expect(await found('Product.name', hoursAgo(24))).toEqual([]);
    expect(await found('Query.me', hoursAgo(24))).toEqual([id('New')]);
    expect(await usage.coverage(hoursAgo(24))).toEqual({ known: true, dropped: 0 });
    expect(await usage.coverage(new Date('2026-03-12T00:00:00Z'))).toEqual({ known: false, dropped: 0 });
  });

  it('gives the most used operations first, with their texts, also when the text came only once', async () => {
    const usage = start();
    const { text: _, ...later } = operation('A', { count: 9 });
    await usage.add(report([operation('A'), operation('B', { count: 3 }), later]));
    expect(await usage.operations(hoursAgo(24), 1)).toEqual([
      { id: id('A'), name: 'A', text: 'query A { product { name } }', count: 10 },
    ]);
  });

  it('counts clients together when there are too many, and still knows what they use', async () => {
    const usage = start({ maxRowsPerHour: 2 });
    const clients = ['a', 'b', 'c', 'd'].map((name) => operation('A', { client: { name, version: '' } }));
    await usage.add(report(clients));
    // Those that have their place keep it.
    await usage.add(report(clients));
    const rows = await usage.using(['Product.name'], hoursAgo(1), 10);
    expect(rows).toHaveLength(3);
    expect(rows.reduce((sum, row) => sum + countOf(row, 'Product.name'), 0)).toBe(8);
    expect(rows.find(({ client }) => client.name === '(other)')).toMatchObject({
      count: 4,
      operation: id('A'),
    });
  });

  it('counts operations together when there are too many, and keeps no texts of them', async () => {
    const usage = start({ maxOperationsPerDay: 1 });
    await usage.add(report([operation('A')]));
    await usage.add(report([operation('B'), operation('C')]));
    expect((await usage.operations(hoursAgo(24), 10)).map(({ name }) => name)).toEqual(['A']);
    const rows = await usage.using(['Product.name'], hoursAgo(1), 10);
    expect(rows.map((row) => [row.operation, row.count]).sort()).toEqual(
      [
        ['(other)', 2],
        [id('A'), 1],
      ].sort(),
    );
  });

  it('stays bounded through a restart', async () => {
    await start({ maxRowsPerHour: 2 }).add(report([operation('A'), operation('B')]));
    const restarted = start({ maxRowsPerHour: 2 });
    await restarted.add(report([operation('C'), operation('D')]));
    const rows = await restarted.using(['Product.name'], hoursAgo(1), 10);
    expect(rows.filter(({ client }) => client.name === 'web')).toHaveLength(2);
  });

  it('is not known by a report of nothing, and remembers what gateways could not keep', async () => {
    const usage = start();
    await usage.add({ ...report([]), dropped: 3 });
    expect(await usage.coverage(hoursAgo(24))).toEqual({ known: false, dropped: 3 });
    await usage.add({ ...report([operation('A')]), dropped: 2 });
    expect(await usage.coverage(hoursAgo(24))).toEqual({ known: true, dropped: 5 });
  });

  it('takes no report as of a time that cannot be', async () => {
    const usage = start();
    await usage.add(report([operation('Future')], new Date('2036-01-01T00:00:00Z')));
    await usage.add(report([operation('Past')], new Date('2006-01-01T00:00:00Z')));
    const rows = await usage.using(['Product.name'], new Date(0), 10);
    expect(rows.map(({ hour }) => hour.toISOString()).sort()).toEqual([
      '2026-02-09T12:00:00.000Z',
      '2026-03-10T12:00:00.000Z',
    ]);
  });
});

describe('a report', () => {
  it.each([
    ['no coordinate', { fields: ['Product'] }],
    ['a name with a dollar', { fields: ['Product.$where'] }],
    ['an argument of three names as a field', { fields: ['Query.product.id'] }],
    ['a count of nothing', { count: 0 }],
    ['an id that is no hash', { id: 'x' }],
  ])('with %s is none', (_what, more) => {
    expect(usageReportSchema.safeParse(report([operation('A', more)])).success).toBe(false);
  });
});

describe('a room', () => {
  it('asks again what is stored when that failed', async () => {
    const answers = [() => Promise.reject(new Error('down')), () => Promise.resolve(0)];
    const room = createRoom(1, () => (answers.shift() as () => Promise<number>)());
    await expect(room.takes(NOON, 'a')).rejects.toThrow('down');
    expect(await room.takes(NOON, 'a')).toBe(true);
    expect(await room.takes(NOON, 'b')).toBe(false);
  });
});
