import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { TypeConditions } from '../typeConditions.js';

export type Field = {
  readonly name: string;
  readonly selections: readonly QueryPlanSelectionNode[] | undefined;
};

/** Fields that make sense only together: a key of which a part is missing is no key. */
export type Group = readonly Field[];

function responseName(field: { alias?: string; name: string }): string {
  return field.alias ?? field.name;
}

/** The groups that apply to an object of the type, in the order of the selections. */
export function groupsOf(
  selections: readonly QueryPlanSelectionNode[],
  typename: string | undefined,
  conditions: TypeConditions,
): Group[] {
  const own: Field[] = [];
  const groups: Group[] = [own];
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      own.push({ name: responseName(selection), selections: selection.selections });
    } else if (
      selection.typeCondition === undefined ||
      (typename !== undefined && conditions.matches(typename, selection.typeCondition))
    ) {
      groups.push(...groupsOf(selection.selections, typename, conditions));
    }
  }
  return groups.filter((group) => group.length > 0);
}

/** The fields selected without a condition come first: if one is missing, the whole object is. */
export function splitOwn(
  selections: readonly QueryPlanSelectionNode[],
  typename: string | undefined,
  conditions: TypeConditions,
): [Group, ...Group[]] {
  const own = selections.flatMap((selection) =>
    selection.kind === 'Field' ? [{ name: responseName(selection), selections: selection.selections }] : [],
  );
  const conditional = groupsOf(
    selections.filter((selection) => selection.kind === 'InlineFragment'),
    typename,
    conditions,
  );
  return [own, ...conditional];
}
