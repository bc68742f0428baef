import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ConsistencyToken } from '../cache/consistencyToken.js';
import type { Caching } from '../cache/createCaching.js';
import type { LoadedResponse, ResponseOutcome } from '../cache/response/responseCache.js';
import { SharedLoad } from '../cache/response/sharedLoad.js';
import { gatewayConfigSchema } from '../config.js';
import { ANONYMOUS } from '../identity/caller.js';
import { createAnswerAnew } from './answerAnew.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** By a graph and lists that are both in version 1, unless they change while the request is executed. */
async function answer(execute: (now: { schemaId: string; version: string }) => LoadedResponse) {
  const now = { schemaId: '1', version: '1', headers: [] };
  let outcome: ResponseOutcome | undefined;
  const answerAnew = createAnswerAnew({
    config: gatewayConfigSchema.parse({}),
    caching: {
      responses: {
        async answer({ client, load }): Promise<ResponseOutcome> {
          const loaded = await new SharedLoad(load).wait(client);
          return { kind: 'loaded', loaded, cacheStatus: 'miss' };
        },
      },
    } as Caching,
    persisted: now,
    schemaId: () => now.schemaId,
    limitsOf: () => [],
    execute: async () => execute(now),
    answerInParts: () => undefined,
    send(_request, _response, sent) {
      outcome = sent;
    },
  });
  // It never closes: its client reads slowly.
  const response = Object.assign(new EventEmitter(), { setHeader() {} }) as unknown as ServerResponse;
  await answerAnew(
    {
      request: { headers: {}, method: 'POST', url: '/graphql' } as IncomingMessage,
      body: Buffer.from('{"query":"{ a }"}'),
      caller: ANONYMOUS,
      seen: ConsistencyToken.EMPTY,
      directives: { mayRead: true, mayStore: true },
      traces: false,
      explains: false,
      mayRead: true,
      schemaId: '1',
      lists: '1',
      keys: { shared: 'r:a', scoped: 'r:a:anonymous' },
    },
    response,
  );
  const loaded = outcome?.kind === 'loaded' ? outcome.loaded : undefined;
  outcome = undefined;
  return { loaded, response };
}

const FACTS = { tags: ['a'] } as unknown as NonNullable<LoadedResponse['facts']>;
const made = (): LoadedResponse =>
  ({ status: 200, body: '{}', facts: FACTS, apart: false }) as unknown as LoadedResponse;

describe('answering anew', () => {
  it.each([
    { changed: 'nothing', change: {}, mayBeKept: true, isApart: false },
    { changed: 'the graph', change: { schemaId: '2' }, mayBeKept: false, isApart: false },
    { changed: 'the lists', change: { version: '2' }, mayBeKept: false, isApart: true },
  ])(
    'when $changed changed meanwhile: may be kept $mayBeKept, is for its client alone $isApart',
    async ({ change, mayBeKept, isApart }) => {
      const { loaded } = await answer((now) => {
        Object.assign(now, change);
        return made();
      });
      expect({ facts: loaded?.facts, apart: loaded?.apart }).toEqual({
        facts: mayBeKept ? FACTS : undefined,
        apart: isApart,
      });
    },
  );

  it('holds on to no answer that was sent, however long its client takes to read it', async () => {
    let weakly: WeakRef<LoadedResponse> | undefined;
    const { response } = await (async () => {
      const sent = await answer(() => {
        const loaded = made();
        weakly = new WeakRef(loaded);
        return loaded;
      });
      return { response: sent.response };
    })();
    // What a weak reference was asked for stays until the turn is over.
    await new Promise(setImmediate);
    collectGarbage();
    expect(weakly).toBeDefined();
    expect(weakly?.deref()).toBeUndefined();
    expect(response.listenerCount('close')).toBe(0);
  });
});
