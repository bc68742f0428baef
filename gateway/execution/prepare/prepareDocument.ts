import {
  type ArgumentNode,
  BREAK,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type NameNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { ReservedNames } from './reservedNames.js';

/** Response names of the prepared document that differ from the client's; `undefined`: the client has none. */
export type ResponseNames = ReadonlyMap<string, string | undefined>;

export interface PreparedDocument {
  /** To be planned and compiled instead of the client's. */
  readonly document: DocumentNode;
  readonly responseNames: ResponseNames;
}

function responseNameOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

/** The same for arguments that mean the same, in whatever order they and the fields of objects are written. */
function meaningOf(args: readonly ArgumentNode[]): string {
  const byName = (one: { name: NameNode }, other: { name: NameNode }) =>
    one.name.value < other.name.value ? -1 : 1;
  const sorted = args.toSorted(byName).map((argument) =>
    visit(argument, {
      ObjectValue: { leave: (object) => ({ ...object, fields: object.fields.toSorted(byName) }) },
    }),
  );
  return sorted.map(print).join(',');
}

/** What is asked of the schema is answered from it, and neither planned nor projected. */
function isIntrospection(name: string): boolean {
  return name.startsWith('__') && name !== '__typename';
}

function isConditional(selection: SelectionNode): boolean {
  return selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include') === true;
}

/** Chooses names that the document does not use. */
function createNamer(document: DocumentNode): (wish: string) => string {
  const used = new Set<string>();
  visit(document, { Field: (field) => void used.add(responseNameOf(field)) });
  return (wish) => {
    let name = wish;
    for (let count = 1; used.has(name); count++) {
      name = `${wish}_${count}`;
    }
    used.add(name);
    return name;
  };
}

function collides(field: FieldNode, reserved: ReservedNames): boolean {
  const own = reserved.get(responseNameOf(field));
  if (own === undefined) {
    return false;
  }
  const isSameField = field.name.value === responseNameOf(field);
  return !isSameField || own.withArguments || (field.arguments?.length ?? 0) > 0;
}

function needsPreparation(document: DocumentNode, reserved: ReservedNames): boolean {
  let needed = false;
  visit(document, {
    Directive: () => {
      needed = true;
      return BREAK;
    },
    Field: (field) => {
      needed = collides(field, reserved);
      return needed ? BREAK : undefined;
    },
  });
  return needed;
}

/**
 * Rewrites an operation so that its plan is right where the planner's would not be:
 *
 * - A response name that the planner also uses for a field that it adds itself (of a `@key` or a `@requires`) and
 *   that stands for something else here (an alias, or other arguments) is replaced. Both would share one place in the
 *   result otherwise, and one of them is lost.
 * - A selection set of which conditions may leave nothing keeps a `__typename`: the planner drops the field
 *   otherwise, and it is answered with null instead of `{}`.
 */
export function prepareDocument(document: DocumentNode, reserved: ReservedNames): PreparedDocument {
  const responseNames = new Map<string, string | undefined>();
  if (!needsPreparation(document, reserved)) {
    return { document, responseNames };
  }
  const newName = createNamer(document);
  const replacements = new Map<string, string>();
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }

  const replacementFor = (field: FieldNode): string => {
    const responseName = responseNameOf(field);
    const meaning = `${responseName}: ${field.name.value}(${meaningOf(field.arguments ?? [])})`;
    let name = replacements.get(meaning);
    if (name === undefined) {
      name = newName(`${responseName}__own`);
      replacements.set(meaning, name);
      responseNames.set(name, responseName);
    }
    return name;
  };

  const mayBeEmpty = (selectionSet: SelectionSetNode, open: ReadonlySet<string>): boolean =>
    selectionSet.selections.every((selection) => {
      if (isConditional(selection)) {
        return true;
      }
      if (selection.kind === Kind.FIELD) {
        return false;
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return mayBeEmpty(selection.selectionSet, open);
      }
      const name = selection.name.value;
      const fragment = fragments.get(name);
      return (
        fragment === undefined ||
        open.has(name) ||
        mayBeEmpty(fragment.selectionSet, new Set([...open, name]))
      );
    });

  let keeper: string | undefined;
  const keepTypename = (selectionSet: SelectionSetNode): SelectionSetNode => {
    if (keeper === undefined) {
      keeper = newName('keep__own');
      responseNames.set(keeper, undefined);
    }
    const kept: FieldNode = {
      kind: Kind.FIELD,
      alias: { kind: Kind.NAME, value: keeper },
      name: { kind: Kind.NAME, value: '__typename' },
    };
    return { ...selectionSet, selections: [...selectionSet.selections, kept] };
  };

  const prepared = visit(document, {
    FragmentDefinition: ({ typeCondition }) =>
      isIntrospection(typeCondition.name.value) ? false : undefined,
    Field: {
      enter: ({ name }) => (isIntrospection(name.value) ? false : undefined),
      leave: (field) => {
        const replaced = collides(field, reserved)
          ? { ...field, alias: { kind: Kind.NAME, value: replacementFor(field) } as const }
          : field;
        return replaced.selectionSet !== undefined && mayBeEmpty(replaced.selectionSet, new Set())
          ? { ...replaced, selectionSet: keepTypename(replaced.selectionSet) }
          : replaced;
      },
    },
  });
  return { document: prepared, responseNames };
}
