import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import type { Logger } from '../../../platform/logger.js';
import type { Mailer } from './mailer.js';

export interface FileMailerOptions {
  /** Made when it is missing. */
  readonly folder: string;
  readonly from: string;
  readonly logger: Logger;
}

/** Writes each mail to a file named after its Message-ID, for a system that has no SMTP server; the log names it. */
export function createFileMailer({ folder, from, logger }: FileMailerOptions): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return {
    description: folder,
    async send({ messageId, ...mail }) {
      const { message } = await transport.sendMail({ ...mail, from, messageId: `<${messageId}>` });
      const file = path.join(folder, `${messageId.replace(/[^\w.@-]/g, '_')}.eml`);
      await mkdir(folder, { recursive: true });
      // Never half a mail under its name; sent again, it is the same file.
      await writeFile(`${file}.${process.pid}.part`, message as Buffer);
      await rename(`${file}.${process.pid}.part`, file);
      logger.info({ file, to: mail.to }, 'mail was written to a file');
    },
    async close() {
      transport.close();
    },
  };
}
