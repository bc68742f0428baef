import type { Snapshot } from './snapshot.js';

/** Makes something once for each snapshot, and keeps it as long as that. */
export function perSnapshot<T>(make: (snapshot: Snapshot) => T): (snapshot: Snapshot) => T {
  const made = new WeakMap<Snapshot, T>();
  return (snapshot) => {
    let known = made.get(snapshot);
    if (known === undefined) {
      known = make(snapshot);
      made.set(snapshot, known);
    }
    return known;
  };
}
