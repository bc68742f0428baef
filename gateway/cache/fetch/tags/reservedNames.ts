import { type DocumentNode, visit } from 'graphql';

/** Response names for what is added to a document: no name that the document has begins like one of them. */
export interface ReservedNames {
  readonly typename: string;
  /** The same name for the same field of the same type, so that selections which merge agree. */
  field(typename: string, field: string): string;
}

export function reserveNames(document: DocumentNode): ReservedNames {
  const taken: string[] = [];
  visit(document, {
    Field: ({ alias, name }) => {
      taken.push(alias?.value ?? name.value);
    },
  });
  let prefix = '_hg';
  while (taken.some((name) => name.startsWith(prefix))) prefix += '_';
  const names = new Map<string, string>();
  return {
    typename: `${prefix}t`,
    field(typename, field) {
      const key = `${typename}.${field}`;
      let name = names.get(key);
      if (name === undefined) {
        name = `${prefix}${names.size}`;
        names.set(key, name);
      }
      return name;
    },
  };
}
