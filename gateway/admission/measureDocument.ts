import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** What a document weighs, without knowing the schema. */
export interface DocumentSize {
  /** Fields inside of fields, of the deepest operation. */
  readonly depth: number;
  /** Of the largest operation; each fragment counts wherever it is spread. */
  readonly fields: number;
  readonly rootFields: number;
  readonly aliases: number;
  readonly directives: number;
  /** Elements of the longest list. */
  readonly listItems: number;
  /** Lists inside of each other, in arguments and defaults. */
  readonly listDepth: number;
}

interface SelectionSize {
  readonly depth: number;
  readonly fields: number;
  readonly rootFields: number;
}

const EMPTY: SelectionSize = { depth: 0, fields: 0, rootFields: 0 };

/**
 * Each fragment is measured once, however often it is spread: fragments that spread others twice would otherwise take
 * time that doubles with each of them. A cycle counts as nothing, since validation refuses it.
 *
 * @throws RangeError for a document that is nested deeper than the stack
 */
export function measureDocument(document: DocumentNode): DocumentSize {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const measured = new Map<string, SelectionSize>();

  function ofFragment(name: string): SelectionSize {
    const known = measured.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    if (fragment === undefined) return EMPTY;
    measured.set(name, EMPTY);
    const size = ofSelections(fragment.selectionSet);
    measured.set(name, size);
    return size;
  }

  function ofSelections({ selections }: SelectionSetNode): SelectionSize {
    let depth = 0;
    let fields = 0;
    let rootFields = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet ? ofSelections(selection.selectionSet) : EMPTY;
        depth = Math.max(depth, 1 + below.depth);
        fields += 1 + below.fields;
        rootFields += 1;
      } else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT
            ? ofSelections(selection.selectionSet)
            : ofFragment(selection.name.value);
        depth = Math.max(depth, inner.depth);
        fields += inner.fields;
        rootFields += inner.rootFields;
      }
    }
    return { depth, fields, rootFields };
  }

  const sizes = operations.map(({ selectionSet }) => ofSelections(selectionSet));
  let aliases = 0;
  let directives = 0;
  let listItems = 0;
  let listDepth = 0;
  let openLists = 0;
  visit(document, {
    Field: ({ alias }) => {
      if (alias) aliases += 1;
    },
    Directive: () => {
      directives += 1;
    },
    ListValue: {
      enter({ values }) {
        listItems = Math.max(listItems, values.length);
        openLists += 1;
        listDepth = Math.max(listDepth, openLists);
      },
      leave() {
        openLists -= 1;
      },
    },
  });
  const most = (name: keyof SelectionSize) => sizes.reduce((max, size) => Math.max(max, size[name]), 0);
  return {
    depth: most('depth'),
    fields: most('fields'),
    rootFields: most('rootFields'),
    aliases,
    directives,
    listItems,
    listDepth,
  };
}
