import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';
import { held } from '../../support/held.js';
import { startPageGateway } from '../../support/startPageGateway.js';
import { until } from '../../support/until.js';

const PAGE = '{ product(id: "p1") { price } }';

describe('what can be switched off', () => {
  it('are whole responses, while what they are made of is kept', async () => {
    await using gateway = await startPageGateway({ cache: { responses: false } });
    const first = await gateway.query(PAGE);
    const second = await gateway.query(PAGE);
    expect([first, second].map(({ headers }) => headers.get('x-cache'))).toEqual(['miss', 'miss']);
    expect(second.data).toEqual({ product: { price: 10 } });
    expect(gateway.asked('products')).toBe(1);
  });

  it.each([
    { joinRequests: false, responses: true },
    { joinRequests: false, responses: false },
    { joinRequests: true, responses: false },
  ])('is waiting for the answer to an equal query: %o', async ({ joinRequests, responses }) => {
    const answers = held();
    let arrived = 0;
    await using gateway = await startGatewayTester({
      subgraphs: [
        {
          name: 'slow',
          typeDefs: `${federationLink()} type Query { n: Int other: Int }`,
          resolvers: { Query: { n: () => 1, other: () => 2 } },
          async intercept(_request, _response, next) {
            arrived++;
            await answers.promise;
            await next();
          },
        },
      ],
      // Fetches would join each other as well, if the subgraph's answers were kept.
      config: {
        cache: { joinRequests, responses },
        subgraphs: { all: { cache: { enabled: joinRequests } } },
      },
    });
    const first = gateway.query('{ n }');
    await until('the first has arrived', () => arrived === 1);
    const second = gateway.query('{ n }');
    // Whoever comes after the second, and is there, tells that the second would be there as well.
    const third = gateway.query('{ other }');
    await until('the others have arrived', () => arrived === (joinRequests ? 2 : 3));
    answers.release();
    const results = await Promise.all([first, second, third]);
    expect(results.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 1 }, { other: 2 }]);
    const expected = joinRequests ? ['miss', 'joined', 'miss'] : ['miss', 'miss', 'miss'];
    expect(results.map(({ headers }) => headers.get('x-cache'))).toEqual(expected);
  });
});
