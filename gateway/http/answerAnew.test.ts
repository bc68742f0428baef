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

describe('answering anew', () => {
  it('holds on to no answer that was sent, however long its client takes to read it', async () => {
    let made: WeakRef<LoadedResponse> | undefined;
    const answerAnew = createAnswerAnew({
      config: gatewayConfigSchema.parse({}),
      caching: {
        responses: {
          async answer({ clientGone, load }): Promise<ResponseOutcome> {
            const loaded = await new SharedLoad(load).wait(clientGone);
            return { kind: 'loaded', loaded, cacheStatus: 'miss' };
          },
        },
      } as Caching,
      persisted: { version: '1', headers: [] },
      limitsOf: () => [],
      async execute() {
        const loaded = { status: 200, body: '{}', facts: undefined } as LoadedResponse;
        made = new WeakRef(loaded);
        return loaded;
      },
      answerInParts: () => undefined,
      send: () => undefined,
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
        lists: '1',
        keys: { shared: 'r:a', scoped: 'r:a:anonymous' },
      },
      response,
    );
    // What a weak reference was asked for stays until the turn is over.
    await new Promise(setImmediate);
    collectGarbage();
    expect(made).toBeDefined();
    expect(made?.deref()).toBeUndefined();
    expect(response.listenerCount('close')).toBe(0);
  });
});
