import { confirmationMail } from '../mail/confirmationMail.js';
import type { OrderDocument } from '../orderDocument.js';
import type { ProcessingContext } from './orderPorts.js';

/**
 * CONFIRMED: the last thing to do. Sent twice, under one Message-ID, when this process dies before it has noted it, or is
 * taken for dead because sending takes longer than a queue and the reconciler wait.
 */
export async function sendConfirmation(context: ProcessingContext, order: OrderDocument): Promise<void> {
  const { store, mailer, settings, now } = context;
  const mail = confirmationMail(order, settings.mailDomain);
  await mailer.send(mail);
  await store.finish(order._id, [{ name: 'EMAILED', key: mail.messageId, at: now() }]);
}
