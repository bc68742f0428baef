import type { ChangeEvent } from '../../platform/database/database.js';
import type { ChangeSource } from '../shared/changeSource.js';
import { imageOf } from '../shared/imageOf.js';
import { type LiveField, liveField } from '../shared/liveField.js';
import { requireText } from '../shared/validation.js';
import { STOCK } from './collections.js';
import type { InventoryContext } from './context.js';
import type { WatchedStock } from './stockDocument.js';
import type { InventoryStore, StockLevel } from './store.js';

type Live = LiveField<{ productId: string }, InventoryContext, ChangeEvent<WatchedStock>>;

export interface StockChanged {
  readonly subscribe: Live['subscribe'];
  resolve(...args: Parameters<Live['resolve']>): StockLevel | Promise<StockLevel | null>;
}

/** Sends a product's stock whenever its numbers change; also of one whose stock has not begun yet. */
export function createStockChanged(
  changes: ChangeSource,
  store: Pick<InventoryStore, 'levels'>,
): StockChanged {
  const live: Live = liveField(changes, ({ productId }) => {
    requireText('productId', productId, { maxLength: 100 });
    return {
      select(change) {
        if (change.kind !== 'change' || change.collection !== STOCK.name || change.id !== productId)
          return undefined;
        const { operation, before, after } = change as ChangeEvent<WatchedStock>;
        if (operation === 'delete' || (before && after && isSameLevel(before, after))) return undefined;
        return change as ChangeEvent<WatchedStock>;
      },
    };
  });
  return {
    subscribe: live.subscribe,
    resolve(...args) {
      return imageOf(
        live.resolve(...args),
        async (id, causal) => (await store.levels([id], causal))[0] ?? null,
      );
    },
  };
}

/** Tombstones come and go without a change that anybody can see. */
function isSameLevel(before: WatchedStock, after: WatchedStock): boolean {
  return before.onHand === after.onHand && before.available === after.available;
}
