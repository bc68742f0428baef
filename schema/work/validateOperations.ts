import { type GraphQLSchema, parse, validate } from 'graphql';

export interface OperationText {
  readonly id: string;
  readonly text: string;
}

export interface BrokenOperation {
  readonly id: string;
  readonly errors: readonly string[];
}

/** Operations that were valid before, and are not any more. */
export function brokenOperations(
  before: GraphQLSchema,
  after: GraphQLSchema,
  operations: readonly OperationText[],
): BrokenOperation[] {
  return operations.flatMap(({ id, text }) => {
    const document = parseOrNothing(text);
    // What did not fit before either, such as an operation for a version that was rolled back, breaks no more.
    if (document === undefined || validate(before, document, undefined, { maxErrors: 1 }).length > 0)
      return [];
    const errors = validate(after, document, undefined, { maxErrors: 3 });
    return errors.length === 0 ? [] : [{ id, errors: errors.map(({ message }) => message) }];
  });
}

function parseOrNothing(text: string) {
  try {
    return parse(text, { noLocation: true, maxTokens: 20_000 });
  } catch {
    return undefined;
  }
}
