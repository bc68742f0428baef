import { Registry } from 'prom-client';
import { CodedError } from '../../platform/errors.js';
import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import type { FetchSubgraph, SubgraphRequest, SubgraphResponse } from '../execution/types.js';
import { createUpstreamMetrics } from './upstreamMetrics.js';

const request: SubgraphRequest = {
  subgraph: 'products',
  query: '{ secretField }',
  operationName: undefined,
  operationKind: 'query',
  variables: undefined,
  fetchId: 0,
  signal: undefined,
};

function start(fetch: FetchSubgraph<undefined>) {
  const registry = new Registry();
  const measured = createUpstreamMetrics(registry).measure(fetch);
  const samples = async (name: string) => parsePrometheus(await registry.metrics()).get(name)?.samples ?? [];
  const errors = async () =>
    (await samples('headgate_subgraph_errors_total')).map(({ labels, value }) => ({ ...labels, value }));
  return { measured, samples, errors, registry };
}
const withCodes = (codes: readonly unknown[]): SubgraphResponse => ({
  errors: codes.map((code) => ({ message: 'no', extensions: { code } })),
});

describe('createUpstreamMetrics', () => {
  it('passes the answer on, and times it by subgraph and kind of operation', async () => {
    const answer: SubgraphResponse = { data: { a: 1 } };
    const { measured, samples, errors, registry } = start(async () => answer);
    expect(await measured({ ...request, operationKind: 'mutation' }, undefined)).toBe(answer);
    const count = (await samples('headgate_subgraph_request_duration_seconds')).find(({ name }) =>
      name.endsWith('_count'),
    );
    expect(count).toMatchObject({ labels: { subgraph: 'products', kind: 'mutation' }, value: 1 });
    expect(await errors()).toEqual([]);
    expect(await registry.metrics()).not.toContain('secretField');
  });

  it('knows what is under way', async () => {
    const held: ((response: SubgraphResponse) => void)[] = [];
    const { measured, samples } = start(() => new Promise((resolve) => held.push(resolve)));
    const fetching = measured(request, undefined);
    const name = 'headgate_subgraph_requests_in_flight';
    expect(await samples(name)).toMatchObject([{ labels: { subgraph: 'products' }, value: 1 }]);
    held[0]?.({ data: null });
    await fetching;
    expect(await samples(name)).toMatchObject([{ value: 0 }]);
  });

  it('counts a failure under its code, and throws it on', async () => {
    const failure = new CodedError('SUBGRAPH_TIMEOUT', 'too late');
    const { measured, errors, samples } = start(() => Promise.reject(failure));
    await expect(measured(request, undefined)).rejects.toBe(failure);
    expect(await errors()).toEqual([{ subgraph: 'products', code: 'SUBGRAPH_TIMEOUT', value: 1 }]);
    expect(await samples('headgate_subgraph_request_duration_seconds')).not.toEqual([]);
  });

  it('does not blame the subgraph for a client that went away', async () => {
    const { measured, errors } = start(() => Promise.reject(new Error('aborted')));
    const gone = { ...request, signal: AbortSignal.abort() };
    await expect(measured(gone, undefined)).rejects.toThrow('aborted');
    expect(await errors()).toEqual([{ subgraph: 'products', code: 'aborted', value: 1 }]);
  });

  it('counts a request once for each code in its answer, and invented codes as one', async () => {
    const invented = Array.from({ length: 1_000 }, (_, index) => `X${index}"}\n`);
    const answers = [withCodes(['FORBIDDEN', 'FORBIDDEN', undefined, 7]), withCodes(invented)];
    const { measured, errors } = start(async () => answers.shift() ?? {});
    await measured(request, undefined);
    await measured(request, undefined);
    expect(await errors()).toEqual([
      { subgraph: 'products', code: 'FORBIDDEN', value: 1 },
      { subgraph: 'products', code: 'none', value: 1 },
      { subgraph: 'products', code: 'other', value: 1 },
    ]);
  });

  it.each([[{ errors: 'none' }], [{ errors: [null, 7] }], [{ errors: null }]])(
    'is not upset by a malformed answer: %j',
    async (answer) => {
      const { measured } = start(async () => answer as unknown as SubgraphResponse);
      expect(await measured(request, undefined)).toBe(answer);
    },
  );
});
