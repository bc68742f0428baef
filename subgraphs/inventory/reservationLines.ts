import { z } from 'zod';
import { MAX_HOLD_MS } from './reservations.js';

const line = z.strictObject({
  productId: z.string().min(1).max(100),
  quantity: z.int().min(1).max(1_000_000),
});
const lines = z.array(line).min(1).max(50);
const reservationId = z.string().min(1).max(200);

/** What order workers ask of inventory: the same thing for each line of one order. */
export const reservationRequest = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('reserve'), reservationId, lines, expiresAt: z.iso.datetime() }),
  z.strictObject({ action: z.literal('commit'), reservationId, lines }),
  z.strictObject({ action: z.literal('release'), reservationId, lines }),
]);

export type ReservationRequest = z.infer<typeof reservationRequest>;

/** A deadline that is too far away would be refused line by line, as a fault of ours. */
export function isTooFar(request: ReservationRequest, now: Date): boolean {
  return request.action === 'reserve' && Date.parse(request.expiresAt) > now.getTime() + MAX_HOLD_MS;
}
