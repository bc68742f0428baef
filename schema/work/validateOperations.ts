import { type DocumentNode, type GraphQLSchema, Kind, parse, validate } from 'graphql';

export interface OperationText {
  readonly id: string;
  readonly text: string;
}

export interface BrokenOperation {
  readonly id: string;
  readonly errors: readonly string[];
}

/** Operations that do not fit `after`; of those that did not fit `before` either, nothing is said. */
export function brokenOperations(
  before: GraphQLSchema | undefined,
  after: GraphQLSchema,
  operations: readonly OperationText[],
): BrokenOperation[] {
  return operations.flatMap(({ id, text }) => {
    const document = parsed(text);
    if (!('kind' in document)) return before === undefined ? [{ id, errors: [document.error] }] : [];
    // What did not fit before either, such as an operation for a version that was rolled back, breaks no more.
    if (before !== undefined && validate(before, document, undefined, { maxErrors: 1 }).length > 0) return [];
    const errors = validate(after, document, undefined, { maxErrors: 3 });
    return errors.length === 0 ? [] : [{ id, errors: errors.map(({ message }) => message) }];
  });
}

function parsed(text: string): DocumentNode | { readonly error: string } {
  try {
    const document = parse(text, { noLocation: true, maxTokens: 20_000 });
    if (document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)) return document;
    return { error: 'It holds no operation.' };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
