import type { GraphQLError } from 'graphql';
import { asGraphQLError } from './asGraphQLError.js';

/** Begins later, unless it was ended before. @returns a function that ends it, whether it has begun or not */
export function afterwards(
  beginning: Promise<() => () => void>,
  refuse: (errors: readonly GraphQLError[]) => void,
): () => void {
  let isOver = false;
  let leave = (): void => undefined;
  beginning
    .then((begin) => {
      if (isOver) return;
      leave = begin();
      // It may have failed at once.
      if (isOver) leave();
    })
    .catch((error: unknown) => {
      if (!isOver) refuse([asGraphQLError(error)]);
    });
  return () => {
    isOver = true;
    leave();
  };
}
