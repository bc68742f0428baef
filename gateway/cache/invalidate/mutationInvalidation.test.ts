import { CodedError } from '../../../platform/errors.js';
import { silentLogger } from '../../../platform/logger.js';
import { held } from '../../../test/support/held.js';
import { ManualTimers } from '../../../test/support/manualTimers.js';
import type { SubgraphRequest, SubgraphResponse } from '../../execution/types.js';
import { readAnswerTags } from '../fetch/answerTags.js';
import type { Invalidation } from '../invalidation.js';
import { createInvalidator } from './invalidator.js';
import { invalidateAfterMutations } from './mutationInvalidation.js';

const TIME = 'rs0@0000000000000005';

function request(operationKind: SubgraphRequest['operationKind'] = 'mutation'): SubgraphRequest {
  return {
    subgraph: 'products',
    query: 'mutation{rename{id}}',
    operationName: undefined,
    operationKind,
    variables: undefined,
    fetchId: 0,
    signal: undefined,
  };
}

function answering(answer: () => Promise<SubgraphResponse>) {
  const applied: Invalidation[] = [];
  const written: string[] = [];
  const fetch = invalidateAfterMutations<string>({
    fetch: answer,
    apply: async (invalidation) => void applied.push(invalidation),
    noteWrite: (context, time) => void written.push(`${context} ${time}`),
    logger: silentLogger(),
  });
  return { applied, written, send: (sent = request()) => fetch(sent, 'request-1') };
}

const changed = (headgate: unknown): SubgraphResponse => ({
  data: { rename: null },
  extensions: { headgate },
});
const EVERYTHING = ['subgraph:products'];

describe('the answer of a mutation', () => {
  it('purges what the subgraph says it changed, and hands the time on', async () => {
    const response = changed({ tags: ['Product:id=p1', 'products'], operationTime: TIME });
    const { applied, written, send } = answering(async () => response);
    expect(await send()).toBe(response);
    expect(applied).toEqual([
      { source: 'products', tags: ['Product:id=p1', 'products'], operationTime: TIME, by: 'mutation' },
    ]);
    expect(written).toEqual([`request-1 ${TIME}`]);
  });

  it('names tags as answers do: in the same words it purges what they were kept under', async () => {
    const words = ['summer sale', 'a,b', 'cut off: \ud83d'];
    const { applied, send } = answering(async () => changed({ tags: words }));
    await send();
    const { shared } = readAnswerTags({ headgate: { cacheTags: words } }, 0);
    expect(applied.map(({ tags }) => tags)).toEqual([shared]);
    // As it comes back from where texts are UTF-8.
    expect(shared).toEqual(shared.map((tag) => Buffer.from(tag).toString()));
  });

  it('purges nothing when the subgraph says that nothing has changed', async () => {
    const { applied, send } = answering(async () => changed({ tags: [], operationTime: TIME }));
    await send();
    expect(applied).toEqual([]);
  });

  it.each<[string, SubgraphResponse]>([
    ['says nothing of changes', { data: { rename: null } }],
    ['says it in a way of its own', changed('Product:id=p1')],
    ['names tags that are none', changed({ tags: ['Product:id=p1', 7] })],
    ['names an empty tag', changed({ tags: [''] })],
    [
      'names more tags than anybody should',
      changed({ tags: Array.from({ length: 10_001 }, (_, i) => `t${i}`) }),
    ],
    ['has an error', { ...changed({ tags: ['t'] }), errors: [{ message: 'half of it failed' }] }],
    ['has an error that is no list', { ...changed({ tags: [] }), errors: { message: 'no' } as never }],
    ['is nothing but an error', { errors: [{ message: 'no' }] }],
  ])('purges everything of the subgraph when it %s', async (_name, response) => {
    const { applied, send } = answering(async () => response);
    expect(await send()).toBe(response);
    expect(applied.map(({ tags }) => tags)).toEqual([EVERYTHING]);
  });

  it('keeps the time of a mutation that failed in part, and ignores one that is none', async () => {
    const failed = answering(async () => ({
      ...changed({ tags: [], operationTime: TIME }),
      errors: [{ message: 'half of it failed' }],
    }));
    await failed.send();
    expect(failed.applied).toMatchObject([{ tags: EVERYTHING, operationTime: TIME }]);
    expect(failed.written).toHaveLength(1);

    const unnamed = answering(async () => changed({ tags: [''], operationTime: TIME }));
    await unnamed.send();
    expect(unnamed.applied).toMatchObject([{ tags: EVERYTHING, operationTime: TIME }]);
    expect(unnamed.written).toHaveLength(1);

    const odd = answering(async () => changed({ tags: ['t'], operationTime: 'yesterday' }));
    await odd.send();
    expect(odd.applied).toMatchObject([{ tags: ['t'], operationTime: undefined }]);
    expect(odd.written).toEqual([]);
  });

  it.each([
    ['times out', new CodedError('SUBGRAPH_TIMEOUT', 'late')],
    ['cannot be sent', new Error('ECONNRESET')],
  ])('that %s purges everything before the same error goes on', async (_name, error) => {
    const { applied, send } = answering(() => Promise.reject(error));
    await expect(send()).rejects.toBe(error);
    expect(applied.map(({ tags }) => tags)).toEqual([EVERYTHING]);
  });

  it.each([
    ['an answer', async () => changed({ tags: ['t'] })],
    ['an error', () => Promise.reject(new Error('lost'))],
  ])(
    'goes on only when the purge is done, with %s',
    async (_name, answer: () => Promise<SubgraphResponse>) => {
      const gate = held();
      const began = held();
      const fetch = invalidateAfterMutations<undefined>({
        fetch: answer,
        apply: () => {
          began.release();
          return gate.promise;
        },
        noteWrite: () => undefined,
        logger: silentLogger(),
      });
      let answered = false;
      const sent = fetch(request(), undefined)
        .catch(() => undefined)
        .finally(() => {
          answered = true;
        });
      await began.promise;
      await new Promise((resolve) => setImmediate(resolve));
      expect(answered).toBe(false);
      gate.release();
      await sent;
    },
  );

  it('is what it was when the purge fails', async () => {
    const response = changed({ tags: ['t'] });
    const error = new Error('lost');
    const options = {
      apply: () => Promise.reject(new Error('the cache is broken')),
      noteWrite: () => undefined,
      logger: silentLogger(),
    };
    const answered = invalidateAfterMutations<undefined>({ ...options, fetch: async () => response });
    expect(await answered(request(), undefined)).toBe(response);
    const failed = invalidateAfterMutations<undefined>({ ...options, fetch: () => Promise.reject(error) });
    await expect(failed(request(), undefined)).rejects.toBe(error);
  });

  it('comes within the deadline when Redis hangs', async () => {
    const timers = new ManualTimers();
    const invalidator = createInvalidator({
      origin: 'here',
      targets: [
        {
          scope: 'shared',
          name: 'redis',
          invalidate: () => new Promise(() => undefined),
          settled: () => new Promise(() => undefined),
        },
      ],
      sourcesWithoutFeed: () => [],
      sharedDeadlineMs: 250,
      timers,
      logger: silentLogger(),
    });
    const response = changed({ tags: ['t'] });
    const fetch = invalidateAfterMutations<undefined>({
      fetch: async () => response,
      apply: (invalidation) => invalidator.apply(invalidation),
      noteWrite: () => undefined,
      logger: silentLogger(),
    });
    const answer = fetch(request(), undefined);
    await timers.advance(250);
    expect(await answer).toBe(response);
  });
});

describe('a query', () => {
  it('purges nothing, whatever it answers', async () => {
    const { applied, send } = answering(async () => changed({ tags: ['t'] }));
    await send(request('query'));
    const failing = answering(() => Promise.reject(new Error('lost')));
    await expect(failing.send(request('query'))).rejects.toThrow('lost');
    expect([...applied, ...failing.applied]).toEqual([]);
  });
});
