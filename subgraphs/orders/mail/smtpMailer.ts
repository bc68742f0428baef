import { createTransport } from 'nodemailer';
import { PermanentFailure } from '../queue/permanentFailure.js';
import type { Mailer } from './mailer.js';

export interface SmtpMailerOptions {
  /** `smtp://user:password@host:port`, or `smtps://…`. */
  readonly url: string;
  /** Whom mail is from. */
  readonly from: string;
  /** For connecting, for the greeting, and for each answer. @default 10000 */
  readonly timeoutMs?: number | undefined;
}

/** Hands mail to an SMTP server, over a few connections that stay open. */
export function createSmtpMailer({ url, from, timeoutMs = 10_000 }: SmtpMailerOptions): Mailer {
  const { protocol, host } = new URL(url);
  const transport = createTransport({
    url,
    pool: true,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  } as Parameters<typeof createTransport>[0]);
  return {
    description: `${protocol}//${host}`,
    async send({ messageId, ...mail }) {
      try {
        await transport.sendMail({ ...mail, from, messageId: `<${messageId}>` });
      } catch (error) {
        // 5xx: the server says that asking again will not help.
        const { responseCode, message } = error as Error & { responseCode?: number };
        if (responseCode !== undefined && responseCode >= 500) throw new PermanentFailure(message);
        throw error;
      }
    },
    async close() {
      transport.close();
    },
  };
}
