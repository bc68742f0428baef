import type { CursorStore } from '../../gateway/cache/feed/cursorStore.js';

/** What every `CursorStore` promises. `open` gives a new, empty one for each test. */
export function describeCursorStore(name: string, open: () => Promise<CursorStore>): void {
  describe(`cursor store: ${name}`, () => {
    it('knows no cursor of a subgraph that never saved one', async () => {
      expect(await (await open()).load('products')).toBeUndefined();
    });

    it('gives back the cursor that was saved last', async () => {
      const store = await open();
      await store.save('products', 'c1');
      await store.save('products', 'c2');
      expect(await store.load('products')).toBe('c2');
    });

    it('keeps subgraphs apart', async () => {
      const store = await open();
      await store.save('products', 'c1');
      await store.save('products:x', 'c2');
      expect(await store.load('products')).toBe('c1');
      expect(await store.load('orders')).toBeUndefined();
    });

    it('keeps a cursor to the letter, however long', async () => {
      const store = await open();
      const cursor = `rs0:82${'0fAé "\\'.repeat(500)}`;
      await store.save('products', cursor);
      expect(await store.load('products')).toBe(cursor);
    });
  });
}
