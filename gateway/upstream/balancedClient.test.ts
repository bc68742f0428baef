import { CodedError } from '../../platform/errors.js';
import { held } from '../../test/support/held.js';
import type { SubgraphRequest, SubgraphResponse } from '../execution/types.js';
import { type BalancedClientOptions, createBalancedClient } from './balancedClient.js';
import type { FaultConfig } from './faultConfig.js';
import { BadResponseError, type SubgraphClient } from './subgraphClient.js';

const CONFIG: FaultConfig = {
  retry: { attempts: 2, backoffMs: 0, maxBackoffMs: 0, budget: 0.5 },
  breaker: { failures: 2, openMs: 60_000, maxOpenMs: 60_000 },
  hedgeAfterMs: undefined,
};
const CONTEXT = { headers: {} };
const unavailable = () => new CodedError('SUBGRAPH_UNAVAILABLE', 'cut');
const timedOut = () => new CodedError('SUBGRAPH_TIMEOUT', 'too slow');

type Answer = () => Promise<SubgraphResponse>;

/** Answers each call as it is told, and the last way from then on. */
class ScriptedClient implements SubgraphClient {
  readonly state = 'up';
  readonly signals: (AbortSignal | undefined)[] = [];
  closed = false;
  readonly #answers: Answer[];

  constructor(
    readonly url: string,
    ...answers: Answer[]
  ) {
    this.#answers = answers;
  }

  get calls(): number {
    return this.signals.length;
  }

  fetch({ signal }: SubgraphRequest): Promise<SubgraphResponse> {
    const answer = this.#answers[Math.min(this.calls, this.#answers.length - 1)] as Answer;
    this.signals.push(signal);
    return answer();
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

const says =
  (name: string): Answer =>
  async () => ({ data: { name } });
const fails =
  (error: () => Error = unavailable): Answer =>
  () =>
    Promise.reject(error());

function request(over: Partial<SubgraphRequest> = {}): SubgraphRequest {
  return {
    subgraph: 's',
    query: '{name}',
    operationName: undefined,
    operationKind: 'query',
    variables: undefined,
    fetchId: 0,
    signal: undefined,
    ...over,
  };
}

function open(
  clients: readonly SubgraphClient[],
  config: Partial<FaultConfig> = {},
  over: Pick<Partial<BalancedClientOptions>, 'random' | 'patienceMs'> = {},
) {
  return createBalancedClient({
    name: 's',
    config: { ...CONFIG, ...config },
    clients,
    patienceMs: 0,
    random: () => 0,
    ...over,
  });
}

describe('a subgraph at several addresses', () => {
  it('is asked where the fewest requests are under way', async () => {
    const hold = held<SubgraphResponse>();
    const busy = new ScriptedClient('http://a', () => hold.promise, says('a'));
    const idle = new ScriptedClient('http://b', says('b'));
    const client = open([busy, idle]);
    const first = client.fetch(request(), CONTEXT);
    expect((await client.fetch(request(), CONTEXT)).data).toEqual({ name: 'b' });
    expect((await client.fetch(request(), CONTEXT)).data).toEqual({ name: 'b' });
    hold.release({ data: { name: 'late' } });
    await first;
    expect(busy.calls).toBe(1);
    expect((await client.fetch(request(), CONTEXT)).data).toEqual({ name: 'a' });
  });

  it('is asked at any of those that are equally busy, not always at the first', async () => {
    const clients = ['a', 'b', 'c'].map((name) => new ScriptedClient(`http://${name}`, says(name)));
    const draws = [0, 0.4, 0.99, 0.5];
    const client = open(clients, {}, { random: () => draws.shift() ?? 0 });
    for (let count = 0; count < 4; count++) await client.fetch(request(), CONTEXT);
    expect(clients.map(({ calls }) => calls)).toEqual([1, 2, 1]);
  });

  it('does not send everything to one that answers at once, and never with GraphQL', async () => {
    const page = () => new BadResponseError('s', 'a page', 500);
    const broken = new ScriptedClient('http://a', fails(page));
    const sound = new ScriptedClient('http://b', says('b'));
    const client = open([broken, sound]);
    for (let count = 0; count < 5; count++) await client.fetch(request(), CONTEXT).catch(() => undefined);
    expect([broken.calls, sound.calls]).toEqual([2, 3]);
  });

  it.each<[string, () => Error, number]>([
    ['the only one that is left', () => new BadResponseError('s', 'a page', 500), 1],
    ['one that refuses a request', () => new BadResponseError('s', 'a page', 413), 2],
    ['one whose answer is too long', () => new BadResponseError('s', 'more than 9 bytes'), 2],
  ])('does not leave %s alone for its answers', async (_which, error, addresses) => {
    const clients = ['a', 'b'].map((name) => new ScriptedClient(`http://${name}`, fails(error)));
    const client = open(clients.slice(0, addresses));
    for (let count = 0; count < 5; count++) await client.fetch(request(), CONTEXT).catch(() => undefined);
    expect(client.endpoints.map(({ breakerState }) => breakerState)).toEqual(Array(addresses).fill('closed'));
  });

  it('is tried after a failure with a query, and not with a mutation, which could not be sent again', async () => {
    const back = new ScriptedClient('http://a', fails(), fails(), says('a'));
    const up = new ScriptedClient('http://b', says('b'));
    const client = open([back, up], { breaker: { failures: 2, openMs: 0, maxOpenMs: 0 } });
    const mutation = request({ operationKind: 'mutation' });
    for (let count = 0; count < 2; count++) await client.fetch(request(), CONTEXT);
    expect(client.endpoints[0]).toMatchObject({ breakerState: 'open', admits: true });
    expect((await client.fetch(mutation, CONTEXT)).data).toEqual({ name: 'b' });
    expect((await client.fetch(request(), CONTEXT)).data).toEqual({ name: 'a' });
    expect((await client.fetch(mutation, CONTEXT)).data).toEqual({ name: 'a' });
  });

  it('loses no query when one of them is down, and leaves that one alone after some failures', async () => {
    const down = new ScriptedClient('http://a', fails());
    const up = new ScriptedClient('http://b', says('b'));
    const client = open([down, up]);
    for (let count = 0; count < 6; count++) {
      expect((await client.fetch(request(), CONTEXT)).data).toEqual({ name: 'b' });
    }
    expect(down.calls).toBe(2);
    expect(client.endpoints.map(({ breakerState }) => breakerState)).toEqual(['open', 'closed']);
    expect(client.counts).toEqual({ retries: 2, hedges: 0, unaffordable: 0, refused: 0 });
  });

  it('fails at once while all of them are left alone', async () => {
    const down = new ScriptedClient('http://a', fails());
    const client = open([down], { retry: { ...CONFIG.retry, attempts: 0 } });
    for (let count = 0; count < 2; count++) await client.fetch(request(), CONTEXT).catch(() => undefined);
    await expect(client.fetch(request(), CONTEXT)).rejects.toMatchObject({
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 's' },
    });
    expect(down.calls).toBe(2);
    expect(client.counts.refused).toBe(1);
  });

  it('closes all of them', async () => {
    const clients = [new ScriptedClient('http://a', says('a')), new ScriptedClient('http://b', says('b'))];
    await open(clients).close();
    expect(clients.map(({ closed }) => closed)).toEqual([true, true]);
  });
});

describe('a request that fails', () => {
  it.each<[string, () => Error]>([
    ['cannot be sent', unavailable],
    ['meets a proxy that says 503', () => new BadResponseError('s', 'a page', 503)],
    ['crosses with a 408 on an idle connection', () => new BadResponseError('s', 'nothing', 408)],
  ])('because it %s is tried again, if it is a query', async (_why, error) => {
    const client = new ScriptedClient('http://a', fails(error), says('a'));
    expect((await open([client]).fetch(request(), CONTEXT)).data).toEqual({ name: 'a' });
    expect(client.calls).toBe(2);
  });

  it('is never tried again if it is a mutation', async () => {
    const client = new ScriptedClient('http://a', fails());
    const other = new ScriptedClient('http://b', says('b'));
    const mutation = request({ operationKind: 'mutation' });
    await expect(open([client, other]).fetch(mutation, CONTEXT)).rejects.toThrow('cut');
    expect([client.calls, other.calls]).toEqual([1, 0]);
  });

  it.each<[string, () => Error]>([
    ['a timeout', timedOut],
    ['an answer that is no GraphQL', () => new BadResponseError('s', 'a page', 404)],
    ['an answer that is too long', () => new BadResponseError('s', 'more than 9 bytes')],
  ])('with %s is not tried again', async (_what, error) => {
    const client = new ScriptedClient('http://a', fails(error));
    await expect(open([client]).fetch(request(), CONTEXT)).rejects.toThrow();
    expect(client.calls).toBe(1);
  });

  it('is tried no more often than allowed', async () => {
    const client = new ScriptedClient('http://a', fails());
    const breaker = { ...CONFIG.breaker, failures: 0 };
    await expect(open([client], { breaker }).fetch(request(), CONTEXT)).rejects.toThrow('cut');
    expect(client.calls).toBe(3);
  });

  it('is not tried again when nobody waits, or there is no time', async () => {
    const client = new ScriptedClient('http://a', fails());
    const gone = new AbortController();
    const clientThatGoes = new ScriptedClient('http://b', () => {
      gone.abort(new Error('gone'));
      return Promise.reject(unavailable());
    });
    await expect(open([clientThatGoes]).fetch(request({ signal: gone.signal }), CONTEXT)).rejects.toThrow();
    await expect(open([client]).fetch(request(), { ...CONTEXT, deadlineAt: 0 })).rejects.toThrow('cut');
    expect([clientThatGoes.calls, client.calls]).toEqual([1, 1]);
  });

  it('is paid for by those that went well: when everything fails, attempts do not multiply', async () => {
    const client = new ScriptedClient('http://a', fails());
    const breaker = { ...CONFIG.breaker, failures: 0 };
    const retry = { ...CONFIG.retry, attempts: 1, budget: 0.1 };
    const balanced = open([client], { breaker, retry });
    for (let count = 0; count < 100; count++) await balanced.fetch(request(), CONTEXT).catch(() => undefined);
    // Ten in reserve, and one for every ten requests.
    expect(client.calls).toBeLessThanOrEqual(100 + 20);
    expect(balanced.counts.retries + balanced.counts.unaffordable).toBe(100);
  });

  it('says nothing about an address when its client went away', async () => {
    const gone = new AbortController();
    gone.abort(new Error('gone'));
    const client = new ScriptedClient('http://a', fails());
    const balanced = open([client]);
    for (let count = 0; count < 5; count++) {
      await balanced.fetch(request({ signal: gone.signal }), CONTEXT).catch(() => undefined);
    }
    expect(balanced.endpoints[0]?.breakerState).toBe('closed');
  });
});

describe('an address that hangs while requests have less time than an attempt', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** Two requests, each with so much time, of which the second would make its breaker open. */
  async function stateAfterTwo(timeMs: number, isGone = false) {
    const hangs: Answer = () => new Promise((_, reject) => setTimeout(() => reject(timedOut()), timeMs));
    const balanced = open([new ScriptedClient('http://a', hangs)], {}, { patienceMs: 500 });
    for (let count = 0; count < 2; count++) {
      const context = { ...CONTEXT, deadlineAt: performance.now() + timeMs };
      const signal = isGone ? AbortSignal.abort() : undefined;
      const failed = expect(balanced.fetch(request({ signal }), context)).rejects.toThrow('too slow');
      await jest.advanceTimersByTimeAsync(timeMs);
      await failed;
    }
    return balanced.endpoints[0]?.breakerState;
  }

  it('is left alone once it was waited for long enough, each time', async () => {
    expect(await stateAfterTwo(500)).toBe('open');
  });

  it('is not when there was hardly any time left to ask it, or when clients went away', async () => {
    expect(await stateAfterTwo(499)).toBe('closed');
    expect(await stateAfterTwo(0)).toBe('closed');
    expect(await stateAfterTwo(500, true)).toBe('closed');
  });
});

describe('a query that takes long', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is asked once more elsewhere, and the answer that comes first counts', async () => {
    const hold = held<SubgraphResponse>();
    const slow = new ScriptedClient('http://a', () => hold.promise);
    const quick = new ScriptedClient('http://b', says('b'));
    const client = open([slow, quick], { hedgeAfterMs: 50 });
    const answer = client.fetch(request(), CONTEXT);
    await jest.advanceTimersByTimeAsync(49);
    expect(quick.calls).toBe(0);
    await jest.advanceTimersByTimeAsync(1);
    expect((await answer).data).toEqual({ name: 'b' });
    expect(slow.signals[0]?.aborted).toBe(true);
    expect(client.counts.hedges).toBe(1);
    hold.release({ data: null });
  });

  it('is not, if it is a mutation', async () => {
    const hold = held<SubgraphResponse>();
    const slow = new ScriptedClient('http://a', () => hold.promise);
    const quick = new ScriptedClient('http://b', says('b'));
    const client = open([slow, quick], { hedgeAfterMs: 50 });
    const answer = client.fetch(request({ operationKind: 'mutation' }), CONTEXT);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(quick.calls).toBe(0);
    hold.release({ data: { name: 'a' } });
    expect((await answer).data).toEqual({ name: 'a' });
  });

  it('fails with the first error when both attempts do', async () => {
    const hold = held<SubgraphResponse>();
    const slow = new ScriptedClient('http://a', () => hold.promise);
    const bad = new ScriptedClient('http://b', fails(timedOut));
    const client = open([slow, bad], { hedgeAfterMs: 50, retry: { ...CONFIG.retry, attempts: 0 } });
    const answer = client.fetch(request(), CONTEXT);
    const outcome = expect(answer).rejects.toThrow('too slow');
    await jest.advanceTimersByTimeAsync(50);
    hold.fail(unavailable());
    await outcome;
  });
});
