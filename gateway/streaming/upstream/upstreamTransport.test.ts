import { refusalIn } from './upstreamTransport.js';

describe('refusalIn', () => {
  it.each([
    [{ data: null }, undefined],
    [{ data: null, errors: [{ message: 'half' }] }, undefined],
    [{ errors: [{ message: 'no' }] }, [{ message: 'no' }]],
    // An error without errors would cost a client of a WebSocket its connection.
    [{ errors: [] }, [{ message: 'The subgraph ended the operation without a reason.' }]],
  ])('of %j is %j', (result, refusal) => {
    expect(refusalIn(result)).toEqual(refusal);
  });
});
