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
        if (isRefused(error as SmtpError)) throw new PermanentFailure((error as SmtpError).message);
        throw error;
      }
    },
    async close() {
      transport.close();
    },
  };
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
}

/** 5xx for the mail itself. A server that lets nobody in, or not with this password, says nothing about the mail. */
function isRefused({ code, responseCode = 0 }: SmtpError): boolean {
  return responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
}
