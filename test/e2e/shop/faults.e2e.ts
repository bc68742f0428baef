import pino from 'pino';
import { DatabaseTimeoutError, DatabaseUnavailableError } from '../../../platform/database/errors.js';
import { describeShop } from '../../support/describeShop.js';
import { faultyDatabase } from '../../support/faultyDatabase.js';
import { recordingLogger } from '../../support/recordingLogger.js';

const PAGE = '{ product(id: "books-0001") { name availability { available } } }';
/** Each field is of another subgraph. */
const ALL_THREE = `{
  product(id: "books-0001") { name }
  stock(productId: "books-0001") { onHand }
  me { orders(first: 1) { edges { node { status } } } }
}`;
const SECRET = 'connection to stock-7.internal lost';

describe('an unexpected fault of a subgraph', () => {
  const log: Record<string, unknown>[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => log.push(JSON.parse(line)) });
  let broken = false;

  describeShop(
    'inside a page',
    (shop) => {
      beforeEach(() => {
        broken = true;
        log.length = 0;
      });
      afterEach(() => {
        broken = false;
      });

      it('is told without its details, under a request id by which the log has all of them', async () => {
        const { data, errors, headers } = await shop().ask(
          PAGE,
          {},
          { 'x-request-id': 'request-of-a-story' },
        );
        expect(data).toEqual({ product: null });
        expect(errors).toEqual([
          {
            message: 'Internal server error',
            path: ['product', 'availability'],
            extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-of-a-story' },
          },
        ]);
        expect(JSON.stringify([data, errors, [...headers]])).not.toContain('stock-7');
        const told = log.filter(({ requestId }) => requestId === 'request-of-a-story');
        const whole = told.filter((line) => JSON.stringify(line).includes(SECRET));
        expect(whole).toHaveLength(1);
        expect(whole[0]?.['err']).toMatchObject({ stack: expect.stringContaining('faults.e2e') });
      });

      it('is over when it is over', async () => {
        broken = false;
        const { data, errors } = await shop().ask(PAGE);
        expect(errors).toBeUndefined();
        expect(data.product).toEqual({ name: 'Winter Atlas', availability: { available: 16 } });
        expect(log).toEqual([]);
      });
    },
    {
      logger,
      database: (subgraph) => ({
        wrap: (database) =>
          faultyDatabase(database, (collection) =>
            broken && subgraph === 'inventory' && collection === 'stock' ? new Error(SECRET) : undefined,
          ),
      }),
    },
  );
});

describe('databases that are away', () => {
  const { logger, lines } = recordingLogger();
  let fault: Error | undefined;

  describeShop(
    'under all subgraphs',
    (shop) => {
      afterEach(() => {
        fault = undefined;
        lines.length = 0;
      });

      it.each([
        ['out of reach', new DatabaseUnavailableError(SECRET)],
        ['too slow', new DatabaseTimeoutError(SECRET)],
      ])('are told by one code, and by nothing else, when they are %s', async (_, error) => {
        fault = error;
        const { data, errors, headers } = await shop().askAs(
          'ada',
          ALL_THREE,
          {},
          { 'x-request-id': 'request-of-an-outage' },
        );
        expect(data).toMatchObject({ product: null, stock: null });
        expect(errors).toHaveLength(3);
        for (const { message, extensions } of errors ?? []) {
          expect(message).toBe(
            'A database is away for a moment. Ask again; whether anything was written is not known.',
          );
          expect(extensions).toMatchObject({
            code: 'TEMPORARILY_UNAVAILABLE',
            requestId: 'request-of-an-outage',
          });
        }
        expect(JSON.stringify([data, errors, [...headers]])).not.toContain('stock-7');
        const told = lines.filter(({ requestId }) => requestId === 'request-of-an-outage');
        expect(told.filter((line) => JSON.stringify(line).includes(SECRET))).toHaveLength(3);
      });

      it('are asked again when they are back', async () => {
        const { data, errors } = await shop().askAs('ada', ALL_THREE);
        expect(errors).toBeUndefined();
        expect(data).toMatchObject({
          product: { name: 'Winter Atlas' },
          stock: { onHand: expect.any(Number) },
        });
      });
    },
    {
      logger,
      database: () => ({ wrap: (database) => faultyDatabase(database, () => fault) }),
    },
  );
});

describeShop('a subgraph that is stopped', (shop) => {
  beforeAll(() => shop().stop('orders'));

  it('takes its part of a page with it, by name, and nothing else', async () => {
    const { data, errors } = await shop().askAs(
      'ada',
      `{ me { id } product(id: "books-0001") { name availability { available } } }`,
    );
    expect(data).toEqual({ me: null, product: { name: 'Winter Atlas', availability: { available: 16 } } });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE', service: 'orders' });
  });

  it('leaves the gateway ready, which shows it as detail', async () => {
    const response = await fetch(`${shop().url}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      ready: true,
      subgraphs: { orders: 'down', products: 'up', inventory: 'up' },
    });
  });
});
