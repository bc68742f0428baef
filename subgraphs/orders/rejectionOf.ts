import type { Rejection, RejectionCode } from './orderDocument.js';

const MESSAGES: Readonly<Record<RejectionCode, string>> = {
  OUT_OF_STOCK: 'There is not enough left of what you ordered. You were not charged.',
  PAYMENT_DECLINED: 'The payment was declined. You were not charged.',
  PAYMENT_TOO_LATE:
    'The payment did not arrive while the goods were set aside for you. If it still comes, it is refunded.',
  NOT_PROCESSED: 'The order could not be processed. If you were charged, it is refunded.',
};

export function rejectionOf(code: RejectionCode): Rejection {
  return { code, message: MESSAGES[code] };
}
