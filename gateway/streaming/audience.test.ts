import { Audience } from './audience.js';
import { TURN_SIZE } from './inTurns.js';

const MANY = 2 * TURN_SIZE + 1;

/** An audience of so many, and what each of them was told. */
function gather(count: number) {
  const audience = new Audience(() => undefined);
  const told: string[][] = [];
  const join = () => {
    const own: string[] = [];
    told.push(own);
    const sink = {
      next: (result: Buffer) => void own.push(String(result)),
      fail: () => void own.push('failed'),
      complete: () => void own.push('complete'),
    };
    audience.join(sink);
    return sink;
  };
  const sinks = Array.from({ length: count }, join);
  return { audience, told, join, sinks, toldCount: () => told.filter(({ length }) => length > 0).length };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('an audience', () => {
  it('of a few is told at once', () => {
    const { audience, toldCount } = gather(TURN_SIZE);
    expect(audience.next(Buffer.from('1'))).toBeUndefined();
    expect(toldCount()).toBe(TURN_SIZE);
  });

  it('of many is told in turns, and everybody else has a turn in between', async () => {
    const { audience, toldCount } = gather(MANY);
    const all = audience.next(Buffer.from('1'));
    expect(toldCount()).toBe(TURN_SIZE);
    await turn();
    expect(toldCount()).toBe(2 * TURN_SIZE);
    await all;
    expect(toldCount()).toBe(MANY);
  });

  it.each([
    ['complete', 'complete'],
    ['fail', 'failed'],
  ] as const)('is told everything in order, and then the end: %s', async (end, last) => {
    const { audience, told } = gather(MANY);
    void audience.next(Buffer.from('1'));
    const second = audience.next(Buffer.from('2'));
    if (end === 'fail') audience.fail([]);
    else audience.complete();
    expect(audience.ended).toBe(true);
    await second;
    await turn();
    await turn();
    await turn();
    expect(new Set(told.map(String))).toEqual(new Set([`1,2,${last}`]));
  });

  it('tells those who come in between only what comes after', async () => {
    const { audience, told, join } = gather(MANY);
    void audience.next(Buffer.from('1'));
    join();
    await audience.next(Buffer.from('2'));
    expect(told.at(-1)).toEqual(['2']);
    expect(told[0]).toEqual(['1', '2']);
  });

  it('is told in order, although those who were to be told first have left', async () => {
    const { audience, told, sinks } = gather(MANY);
    void audience.next(Buffer.from('1'));
    for (const sink of sinks.slice(0, 2 * TURN_SIZE)) audience.leave(sink);
    await audience.next(Buffer.from('2'));
    expect(told.at(-1)).toEqual(['1', '2']);
  });

  it('is told at once again after it was told in turns', async () => {
    const { audience, told, sinks } = gather(MANY);
    await audience.next(Buffer.from('1'));
    for (const sink of sinks.slice(1)) audience.leave(sink);
    expect(audience.next(Buffer.from('2'))).toBeUndefined();
    expect(told[0]).toEqual(['1', '2']);
  });

  it('is told what happened earlier without those who have come since', () => {
    const { audience, told, join } = gather(1);
    const moment = audience.moment();
    join();
    void audience.next(Buffer.from('1'), moment);
    void audience.next(Buffer.from('2'), audience.moment());
    expect(told).toEqual([['1', '2'], ['2']]);
  });
});
