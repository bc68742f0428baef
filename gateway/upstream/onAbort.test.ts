import { getEventListeners } from 'node:events';
import { onAbort } from './onAbort.js';

describe('onAbort', () => {
  it('calls all that wait when the signal is aborted, but for those that went away, with one listener', () => {
    const controller = new AbortController();
    const called: string[] = [];
    onAbort(controller.signal, () => called.push('a'));
    const leave = onAbort(controller.signal, () => called.push('b'));
    onAbort(controller.signal, () => called.push('c'));
    leave();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort();
    expect(called).toEqual(['a', 'c']);
  });
});
