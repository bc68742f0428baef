/** Decides which keys of one hour or day get a counter of their own, so that there are only so many. */
export interface Room {
  /** Whether `key` has its place at this time, or gets one of those that are left. */
  takes(at: Date, key: string): Promise<boolean>;
}

/** How many hours or days are remembered: reports come a little late, not a week. */
const REMEMBERED = 3;

/** @param countStored how many there are already of that time, when this process has not seen it yet */
export function createRoom(max: number, countStored: (at: Date) => Promise<number>): Room {
  const places = new Map<number, Promise<{ readonly keys: Set<string>; readonly before: number }>>();

  function placesOf(at: Date) {
    const time = at.getTime();
    let known = places.get(time);
    if (known === undefined) {
      known = countStored(at).then((before) => ({ keys: new Set<string>(), before }));
      known.catch(() => places.delete(time));
      places.set(time, known);
      const [oldest] = places.keys();
      if (places.size > REMEMBERED && oldest !== undefined) places.delete(oldest);
    }
    return known;
  }

  return {
    async takes(at, key) {
      const { keys, before } = await placesOf(at);
      if (keys.has(key)) return true;
      // Some of those that another process (or an earlier life of this one) stored may be the same: then a few places
      // stay empty, which is the harmless side.
      if (keys.size + before >= max) return false;
      keys.add(key);
      return true;
    },
  };
}
