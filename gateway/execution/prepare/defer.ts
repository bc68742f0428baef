import {
  BREAK,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';

const isDefer = ({ name }: DirectiveNode) => name.value === 'defer';

/** The document for an answer in one piece; the same object when nothing in it is deferred. */
export function withoutDefer(document: DocumentNode): DocumentNode {
  return visit(document, { Directive: (directive) => (isDefer(directive) ? null : undefined) });
}

/**
 * Whether these variables defer something in the document.
 * @param variables as they came
 */
export function defersSomething(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): boolean {
  const isTrue = (directive: DirectiveNode): boolean => {
    const value = directive.arguments?.find(({ name }) => name.value === 'if')?.value;
    if (value?.kind === Kind.BOOLEAN) return value.value;
    if (value?.kind !== Kind.VARIABLE) return true;
    const { name } = value;
    const given = variables?.[name.value];
    if (given !== undefined) return given === true;
    const definition = operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name.value,
    );
    const byDefault = definition?.defaultValue;
    return byDefault?.kind === Kind.BOOLEAN && byDefault.value;
  };
  let found = false;
  visit(document, {
    Directive(directive) {
      found = isDefer(directive) && isTrue(directive);
      return found ? BREAK : undefined;
    },
  });
  return found;
}
