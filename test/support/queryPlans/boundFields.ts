type Condition = Readonly<Record<string, unknown>>;

/**
 * The fields that a filter pins down: to `one` value, or to `some` that it lists. A range pins nothing down, and of an
 * `$or` only one branch need hold.
 */
export function boundFields(filter: Condition): Map<string, 'one' | 'some'> {
  const bound = new Map<string, 'one' | 'some'>();
  for (const [field, demand] of Object.entries(filter)) {
    if (field === '$and') {
      for (const part of demand as readonly Condition[]) {
        for (const [inner, how] of boundFields(part)) bound.set(inner, how);
      }
    } else if (!isOperators(demand) || '$eq' in demand) {
      if (!field.startsWith('$')) bound.set(field, 'one');
    } else if (Array.isArray(demand['$in'])) {
      bound.set(field, demand['$in'].length === 1 ? 'one' : 'some');
    }
  }
  return bound;
}

/** Every field that a filter says anything about. */
export function fieldsOf(filter: Condition): string[] {
  return Object.entries(filter).flatMap(([field, demand]) =>
    field === '$and' || field === '$or' ? (demand as readonly Condition[]).flatMap(fieldsOf) : [field],
  );
}

function isOperators(demand: unknown): demand is Condition {
  return (
    typeof demand === 'object' &&
    demand !== null &&
    !(demand instanceof Date) &&
    Object.keys(demand).some((key) => key.startsWith('$'))
  );
}
