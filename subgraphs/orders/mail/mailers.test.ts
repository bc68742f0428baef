import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { silentLogger } from '../../../platform/logger.js';
import { newTestOrder } from '../../../test/support/orders/newTestOrder.js';
import { recordingLogger } from '../../../test/support/recordingLogger.js';
import { PermanentFailure } from '../queue/permanentFailure.js';
import { confirmationMail } from './confirmationMail.js';
import { createFileMailer } from './fileMailer.js';
import { openMailer } from './openMailer.js';
import { createSmtpMailer } from './smtpMailer.js';

const FROM = 'shop@shop.test';
const MAIL = confirmationMail(newTestOrder('ada', 'key-1', { items: 2 }), 'shop.test');

describe('the mail that confirms an order', () => {
  it('says what was bought, and has a Message-ID that follows from the order', () => {
    expect(MAIL.messageId).toMatch(/^order\.[0-9a-f]{3}-[0-9a-f]{32}\.confirmed@shop\.test$/);
    expect(MAIL).toMatchObject({
      to: 'ada@shop.test',
      text: expect.stringContaining('1 x books-0002 at 10.00 EUR'),
    });
    expect(MAIL.text).toContain('Total: 20.00 EUR');
  });

  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['auth0|4711', 'auth0%7C4711@shop.test'],
    // Nobody becomes the recipient of somebody else's mail by what they call themselves.
    ['ada, grace@example.com', 'ada%2C%20grace%40example.com@shop.test'],
    ['<grace@example.com>', '%3Cgrace%40example.com%3E@shop.test'],
    ['friends:grace@example.com', 'friends%3Agrace%40example.com@shop.test'],
    ['(ada)grace@example.com', '(ada)grace%40example.com@shop.test'],
  ])('goes from customer %p to %p', (customerId, to) => {
    expect(confirmationMail(newTestOrder(customerId, 'key'), 'shop.test').to).toBe(to);
  });

  it('knows currencies without cents', () => {
    const order = newTestOrder('ada', 'key');
    const yen = { ...order, items: [], total: { amountMinor: 1_999, currency: 'JPY' } };
    expect(confirmationMail(yen, 'shop.test').text).toContain('Total: 1999 JPY');
  });
});

describe('a mailer by SMTP', () => {
  async function startServer(
    refusal?: { readonly code: number; times: number },
    auth?: Pick<SMTPServerOptions, 'onAuth'>,
  ) {
    const received: ParsedMail[] = [];
    const server = new SMTPServer({
      authOptional: true,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      ...auth,
      onRcptTo(_address, _session, done) {
        if (refusal === undefined || refusal.times-- <= 0) return done();
        done(Object.assign(new Error('not now, or never'), { responseCode: refusal.code }));
      },
      onData(stream, _session, done) {
        simpleParser(stream).then((mail) => {
          received.push(mail);
          done();
        }, done);
      },
    });
    server.on('error', () => undefined);
    const listener = server.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as { port: number };
    const login = auth === undefined ? '' : 'shop:secret@';
    const mailer = createSmtpMailer({ url: `smtp://${login}127.0.0.1:${port}`, from: FROM });
    return {
      received,
      mailer,
      async close() {
        await mailer.close();
        await new Promise<void>((resolve) => server.close(() => resolve()));
      },
    };
  }

  it('hands a mail over, again under the same Message-ID', async () => {
    const { received, mailer, close } = await startServer();
    await mailer.send(MAIL);
    await mailer.send(MAIL);
    expect(received.map(({ messageId }) => messageId)).toEqual(Array(2).fill(`<${MAIL.messageId}>`));
    expect(received[0]).toMatchObject({ subject: MAIL.subject, text: MAIL.text });
    expect(received[0]?.from?.text).toBe(FROM);
    await close();
  });

  it('fails for now when the server says "not now", and for good when it says "never"', async () => {
    const busy = await startServer({ code: 451, times: 1 });
    const failure = await busy.mailer.send(MAIL).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(PermanentFailure);
    await busy.mailer.send(MAIL);
    expect(busy.received).toHaveLength(1);
    await busy.close();
    const strict = await startServer({ code: 550, times: 1 });
    await expect(strict.mailer.send(MAIL)).rejects.toThrow(PermanentFailure);
    await strict.close();
  });

  it('fails for now when it is not let in: that says nothing about the mail', async () => {
    let isKnown = false;
    const { received, mailer, close } = await startServer(undefined, {
      onAuth(_auth, _session, done) {
        if (isKnown) return done(null, { user: 'shop' });
        done(Object.assign(new Error('wrong password'), { responseCode: 535 }));
      },
    });
    const failure = await mailer.send(MAIL).catch((error: unknown) => error);
    expect(failure).toMatchObject({ responseCode: 535 });
    expect(failure).not.toBeInstanceOf(PermanentFailure);
    isKnown = true;
    await mailer.send(MAIL);
    expect(received).toHaveLength(1);
    await close();
  });

  it('fails when nobody is there, and tells no password', async () => {
    const mailer = openMailer({ smtpUrl: 'smtp://user:hunter2@127.0.0.1:9' }, silentLogger());
    expect(mailer.description).toBe('smtp://127.0.0.1:9');
    await expect(mailer.send(MAIL)).rejects.toThrow(/ECONNREFUSED/);
    await mailer.close();
  });
});

describe('a mailer by files', () => {
  it('writes one file for one mail, however often it is sent, and the log names it', async () => {
    const folder = path.join(await mkdtemp(path.join(tmpdir(), 'headgate-')), 'mail');
    const { logger, lines } = recordingLogger();
    const mailer = createFileMailer({ folder, from: FROM, logger });
    await Promise.all([mailer.send(MAIL), mailer.send({ ...MAIL, messageId: '../../evil@shop.test' })]);
    await mailer.send(MAIL);
    const files = await readdir(folder);
    expect(files.sort()).toEqual(['.._.._evil@shop.test.eml', `${MAIL.messageId}.eml`]);
    const file = path.join(folder, `${MAIL.messageId}.eml`);
    expect(lines).toContainEqual(expect.objectContaining({ file, to: MAIL.to }));
    const mail = await simpleParser(await readFile(file));
    expect(mail).toMatchObject({ messageId: `<${MAIL.messageId}>`, subject: MAIL.subject });
    await rm(path.dirname(folder), { recursive: true });
  });
});
