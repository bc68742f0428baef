import { describeReal, realMongodbUri } from '../../test/support/realParts.js';
import { openDatabase } from './openDatabase.js';

describe('opening a database', () => {
  it.each([undefined, ''])('is embedded without a URI (%p), and says that it forgets', async (uri) => {
    await using opened = disposable(await openDatabase({ uri, name: 'products' }));
    expect(opened.database.kind).toBe('embedded');
    expect(opened.database.description).toMatch(/products .*in memory/);
    await opened.database.ping(100);
  });

  it('refuses a URI that is not of MongoDB', async () => {
    await expect(openDatabase({ uri: 'postgres://localhost/shop', name: 'products' })).rejects.toThrow(
      'not valid',
    );
  });
});

describeReal('mongodb', 'opening a real database', () => {
  it('is MongoDB with a URI', async () => {
    await using opened = disposable(await openDatabase({ uri: realMongodbUri(), name: 'products' }));
    expect(opened.database.kind).toBe('mongodb');
    await opened.database.ping(2_000);
  });
});

function disposable(database: Awaited<ReturnType<typeof openDatabase>>) {
  return { database, [Symbol.asyncDispose]: () => database.close() };
}
