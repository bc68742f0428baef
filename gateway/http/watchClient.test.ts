import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { ResponseWatch } from './watchClient.js';

function open() {
  const response = Object.assign(new EventEmitter(), { writableFinished: false });
  return { response, watch: new ResponseWatch(response as unknown as ServerResponse) };
}

describe('watching the client of a response', () => {
  it('tells all who asked, once, that it has gone, and who asks later at once', () => {
    const { response, watch } = open();
    const told: string[] = [];
    watch.whenGone(() => told.push('one'));
    watch.whenGone(() => told.push('other'));
    const { signal } = watch;
    expect(signal.aborted).toBe(false);
    response.emit('close');
    expect(told).toEqual(['one', 'other']);
    expect(signal.reason).toEqual(new Error('the client went away'));
    watch.whenGone((reason) => expect(reason).toBe(signal.reason));
    expect.assertions(4);
  });

  it('has a signal that is aborted already where it is first asked for afterwards', () => {
    const { response, watch } = open();
    response.emit('close');
    expect(watch.signal.aborted).toBe(true);
  });

  it.each([
    ['has its answer', (response: { writableFinished: boolean }) => (response.writableFinished = true)],
    ['is no longer watched', (_: unknown, watch: ResponseWatch) => watch.unwatch()],
  ])('tells nobody when the client %s', (_, settle) => {
    const { response, watch } = open();
    const { signal } = watch;
    settle(response, watch);
    response.emit('close');
    expect(signal.aborted).toBe(false);
  });
});
