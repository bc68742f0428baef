import { hash } from 'node:crypto';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  print,
  separateOperations,
  stripIgnoredCharacters,
  visit,
} from 'graphql';

/** One operation with what it needs, apart from how a client writes it. */
export interface OperationText {
  /** SHA-256 of the normalised text, in hexadecimal digits. */
  readonly id: string;
  /**
   * To be shown to people and planned by other gateways: as the client sent it where nothing had to be hidden; else the
   * normalised text. No string or number that stood in it leaves the gateway.
   */
  readonly text: string;
  readonly operation: OperationDefinitionNode;
  readonly fragments: readonly FragmentDefinitionNode[];
}

const HIDDEN_STRING = { kind: Kind.STRING, value: '' } as const;

/** @returns `undefined` when the document has no such operation */
export function operationText(
  document: DocumentNode,
  operationName: string | undefined,
  clientText: string | undefined,
): OperationText | undefined {
  const byName = separateOperations(document);
  const [only, ...others] = Object.values(byName);
  const alone = operationName === undefined && others.length === 0 ? only : byName[operationName ?? ''];
  const operation = alone?.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (alone === undefined || operation === undefined) return undefined;
  const fragments = alone.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  let hidesSomething = alone.definitions.length < document.definitions.length;
  const hide = <T>(hidden: T) => {
    hidesSomething = true;
    return hidden;
  };
  const shown = visit(alone, {
    StringValue: () => hide(HIDDEN_STRING),
    IntValue: (node) => hide({ ...node, value: '0' }),
    FloatValue: (node) => hide({ ...node, value: '0' }),
  });
  const normalised = print(shown);
  return {
    id: hash('sha256', stripIgnoredCharacters(normalised), 'hex'),
    // A comment may hold anything.
    text: hidesSomething || clientText === undefined || clientText.includes('#') ? normalised : clientText,
    operation,
    fragments,
  };
}
