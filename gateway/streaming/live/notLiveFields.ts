import { type FieldNode, Kind, parse, type SelectionSetNode } from 'graphql';
import type { FetchTagger } from '../../cache/fetch/tags/fetchTagger.js';
import type { FetchExplanation } from '../../cache/fetchExplanation.js';
import type { FetchStep } from '../../execution/plan/fetchStep.js';
import type { CompiledPlan } from '../../execution/types.js';
import { planFetches } from '../planFetches.js';

/** Fields of a live query whose changes nobody would hear of. */
export interface NotLive {
  /** In the client's names, lists left out: `orders.items.product`. */
  readonly fields: readonly string[];
  readonly service: string;
  readonly reason: string;
}

/**
 * Of the fetches that were made, by what the cache told of them: all fields of one that it could say nothing certain
 * about, else those fields of the root that have no tag.
 */
export function notLiveFields(
  plan: CompiledPlan,
  tagger: FetchTagger,
  fetches: readonly FetchExplanation[],
): NotLive[] {
  const byId = new Map(fetches.map((fetch) => [fetch.fetchId, fetch]));
  return planFetches(plan).flatMap((step): NotLive[] => {
    const fetch = byId.get(step.fetchId);
    if (fetch === undefined) return [];
    const { subgraph, query } = step;
    const isTagged = fetch.records.length > 0 && fetch.records.every(({ tags }) => tags.length > 0);
    if (!isTagged) {
      const reason = fetch.notKept.join('; ') || fetch.reason;
      return [{ fields: fieldsOf(step, () => true), service: subgraph, reason }];
    }
    const tags = tagger.tagsFor(subgraph, query);
    if (tags === undefined || tags.isEntityFetch) return [];
    const fields = fieldsOf(step, (name) => !tags.taggedRoots.has(name));
    return fields.length === 0 ? [] : [{ fields, service: subgraph, reason: 'no tag names it' }];
  });
}

function fieldsOf(step: FetchStep, isWanted: (responseName: string) => boolean): string[] {
  const inClientNames = (name: string) => step.clientNames.get(name) ?? name;
  const parents = step.path.flatMap((segment) =>
    segment.kind === 'field' ? [inClientNames(segment.name)] : [],
  );
  const [definition] = parse(step.query).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return [];
  const isEntityFetch = step.representations !== undefined;
  const [entities] = definition.selectionSet.selections;
  const selected =
    isEntityFetch && entities?.kind === Kind.FIELD ? entities.selectionSet : definition.selectionSet;
  const names = [...fieldsIn(selected)]
    .filter((field) => field.name.value !== '__typename')
    .map((field) => field.alias?.value ?? field.name.value)
    .filter(isWanted);
  return [...new Set(names)].map((name) => [...parents, inClientNames(name)].join('.'));
}

function* fieldsIn(selectionSet: SelectionSetNode | undefined): Generator<FieldNode> {
  for (const selection of selectionSet?.selections ?? []) {
    if (selection.kind === Kind.FIELD) yield selection;
    else if (selection.kind === Kind.INLINE_FRAGMENT) yield* fieldsIn(selection.selectionSet);
  }
}
