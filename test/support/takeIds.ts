import type { Change } from '../../subgraphs/shared/changeRing.js';

/** The ids of the next `count` changes that a subscriber is given, without the heartbeats between them. */
export async function takeIds(changes: AsyncGenerator<Change, void>, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const { value, done } = await changes.next();
    if (done || !value) throw new Error('the changes ended early');
    if (value.kind === 'change') ids.push(value.id);
  }
  return ids;
}
