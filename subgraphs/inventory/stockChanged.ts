import type { ChangeSource } from '../shared/changeSource.js';
import { type LiveField, liveField } from '../shared/liveField.js';
import { requireText } from '../shared/validation.js';
import { STOCK } from './collections.js';
import type { InventoryContext } from './context.js';
import type { WatchedStock } from './stockDocument.js';
import type { StockLevel } from './store.js';

/** Sends a product's stock whenever its numbers change; also of one whose stock has not begun yet. */
export function createStockChanged(
  changes: ChangeSource,
): LiveField<{ productId: string }, InventoryContext, StockLevel> {
  return liveField(changes, ({ productId }) => {
    requireText('productId', productId, { maxLength: 100 });
    return {
      select(change) {
        if (change.kind !== 'change' || change.collection !== STOCK.name || change.id !== productId)
          return undefined;
        const before = change.before as WatchedStock | undefined;
        const after = change.after as WatchedStock | undefined;
        return isSameLevel(before, after) ? undefined : after;
      },
    };
  });
}

/** Tombstones come and go without a change that anybody can see. */
function isSameLevel(before: WatchedStock | undefined, after: WatchedStock | undefined): boolean {
  return before?.onHand === after?.onHand && before?.available === after?.available;
}
