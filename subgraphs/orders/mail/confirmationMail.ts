import type { Money, OrderDocument } from '../orderDocument.js';
import type { Mail } from './mailer.js';

/** @param domain of addresses that we make up: Message-IDs, and customers whose id is no address */
export function confirmationMail(order: OrderDocument, domain: string): Mail {
  const lines = order.items.map(
    ({ productId, quantity, unitPrice }) => `  ${quantity} x ${productId} at ${amount(unitPrice)}`,
  );
  return {
    messageId: `order.${order._id}.confirmed@${domain}`,
    to: addressOf(order.customerId, domain),
    subject: `Your order ${order._id} is confirmed`,
    text: `Thank you for your order.\n\n${lines.join('\n')}\n\nTotal: ${amount(order.total)}\n`,
  };
}

function addressOf(customerId: string, domain: string): string {
  // Without what a header of addresses gives a meaning to: lists, groups, comments, quotes.
  if (/^[^\s@<>()[\]\\",;:]+@[^\s@<>()[\]\\",;:]+$/.test(customerId)) return customerId;
  return `${encodeURIComponent(customerId)}@${domain}`;
}

function amount({ amountMinor, currency }: Money): string {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return `${(amountMinor / 10 ** maximumFractionDigits).toFixed(maximumFractionDigits)} ${currency}`;
}
