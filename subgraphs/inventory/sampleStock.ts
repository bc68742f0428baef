import { sampleProductIds } from '../shared/sampleIds.js';
import { seededRandom } from '../shared/seededRandom.js';
import { newStock, type StockDocument } from './stockDocument.js';

/** Stock of every sample product; about one in twelve is sold out, and as many are nearly so. */
export function sampleStock(now: Date): StockDocument[] {
  const random = seededRandom('inventory');
  return sampleProductIds().map((id) => {
    const shelf = random.integer(1, 12);
    if (shelf === 1) return newStock(id, 0, now);
    return newStock(id, shelf === 2 ? random.integer(1, 3) : random.integer(4, 400), now);
  });
}
