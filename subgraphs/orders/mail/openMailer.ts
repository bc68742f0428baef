import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Logger } from '../../../platform/logger.js';
import { createFileMailer } from './fileMailer.js';
import type { Mailer } from './mailer.js';
import { createSmtpMailer } from './smtpMailer.js';

export interface MailOptions {
  /** Of an SMTP server; without it mail is written to files. */
  readonly smtpUrl?: string | undefined;
  /** Where files of mail go. @default `headgate-mail` in the folder for temporary files */
  readonly folder?: string | undefined;
  /** @default `shop@<domain>` */
  readonly from?: string | undefined;
  /** Of Message-IDs, and of addresses of customers whose id is none. @default 'headgate.invalid' */
  readonly domain?: string | undefined;
}

export function openMailer(options: MailOptions, logger: Logger): Mailer {
  const { smtpUrl: url, domain = 'headgate.invalid', folder } = options;
  const from = options.from ?? `shop@${domain}`;
  if (url) return createSmtpMailer({ url, from });
  return createFileMailer({ folder: folder ?? path.join(tmpdir(), 'headgate-mail'), from, logger });
}
