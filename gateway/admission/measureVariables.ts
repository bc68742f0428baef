export interface VariablesSize {
  /** Elements of the longest list. */
  readonly listItems: number;
  /** Lists, objects and what is in them. */
  readonly values: number;
  /** Lists and objects inside of each other. */
  readonly depth: number;
}

/** Without recursion: what a client sends may be nested deeper than the stack. */
export function measureVariables(variables: unknown): VariablesSize {
  let listItems = 0;
  let values = 0;
  let depth = 0;
  let level: object[] = typeof variables === 'object' && variables !== null ? [variables] : [];
  while (level.length > 0) {
    const next: object[] = [];
    for (const value of level) {
      const inner: unknown[] = Array.isArray(value) ? value : Object.values(value);
      if (Array.isArray(value)) listItems = Math.max(listItems, value.length);
      values += inner.length;
      for (const one of inner) if (typeof one === 'object' && one !== null) next.push(one);
    }
    if (next.length > 0) depth += 1;
    level = next;
  }
  return { listItems, values, depth };
}
