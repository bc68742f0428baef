import type { GraphQLFormattedError } from 'graphql';
import { isJsonObject, type JsonObject } from '../../execution/json.js';
import type { SubgraphRequest } from '../../execution/types.js';
import { entityKey, type FetchKeyInput, fetchKey } from './fetchKeys.js';
import { ENTITIES } from './tags/augmentDocument.js';
import type { TagFinding } from './tags/collectEntityTags.js';
import type { FetchTags } from './tags/compileFetchTags.js';

/** What was found in one part of an answer. */
export interface PartFinding extends TagFinding {
  /** Whether it says that something does not exist. */
  readonly isNegative: boolean;
}

/** A fetch, cut into the parts that are kept on their own: one for a root fetch, one for each representation else. */
export interface CutFetch {
  readonly request: SubgraphRequest;
  readonly tags: FetchTags;
  readonly keys: readonly string[];
  /** What to ask for some of the parts. `asPlanned` leaves out what would identify the entities. */
  ask(parts: readonly number[], asPlanned: boolean): Omit<SubgraphRequest, 'signal'>;
  /** The values of the parts that were asked for; `undefined` when the data is no answer to that. */
  split(data: JsonObject, asked: number): readonly unknown[] | undefined;
  /** Takes out of the value what the planner did not ask for. */
  find(part: number, value: unknown): PartFinding;
  /** Which of the parts that were asked for an error is about, with the error's path in it; `undefined` for all. */
  locate(
    error: GraphQLFormattedError,
  ): { readonly index: number; readonly error: GraphQLFormattedError } | undefined;
  /** Back to where `locate` took it from, for the part of this fetch. */
  relocate(part: number, error: GraphQLFormattedError): GraphQLFormattedError;
  /** `undefined` among the values is a part without data. */
  join(values: readonly unknown[]): JsonObject | null;
}

export function cutFetch(
  request: SubgraphRequest,
  tags: FetchTags,
  keyInput: Omit<FetchKeyInput, 'variables' | 'queryKey'>,
): CutFetch {
  if (!tags.isEntityFetch) return cutRootFetch(request, tags, keyInput);
  const representations = request.variables?.['representations'];
  if (!Array.isArray(representations) || !representations.every(isJsonObject)) {
    throw new TypeError('an entity fetch came without representations');
  }
  return cutEntityFetch(request, tags, keyInput, representations);
}

function cutRootFetch(
  request: SubgraphRequest,
  tags: FetchTags,
  keyInput: Omit<FetchKeyInput, 'variables' | 'queryKey'>,
): CutFetch {
  const variables = request.variables ?? {};
  return {
    request,
    tags,
    keys: [fetchKey({ queryKey: tags.queryKey, variables, ...keyInput })],
    ask: (_parts, asPlanned) => ({ ...request, query: asPlanned ? request.query : tags.query }),
    split: (data) => [data],
    find(_part, value) {
      const finding = tags.tagsOf(value as JsonObject, variables);
      if (!finding.nullsAreNamed) {
        finding.fault ??= 'a field of the root is null, and no tag of an argument names it';
      }
      return Object.assign(finding, { isNegative: finding.hasNull });
    },
    locate: (error) => ({ index: 0, error }),
    relocate: (_part, error) => error,
    join: ([value]) => (isJsonObject(value) ? value : null),
  };
}

function cutEntityFetch(
  request: SubgraphRequest,
  tags: FetchTags,
  keyInput: Omit<FetchKeyInput, 'variables' | 'queryKey'>,
  representations: readonly JsonObject[],
): CutFetch {
  const { representations: _all, ...variables } = request.variables ?? {};
  const stem = fetchKey({ queryKey: tags.queryKey, variables, ...keyInput });
  return {
    request,
    tags,
    keys: representations.map((representation) => entityKey(stem, representation)),
    ask: (parts, asPlanned) => ({
      ...request,
      query: asPlanned ? request.query : tags.query,
      variables: { representations: parts.map((part) => representations[part]), ...variables },
    }),
    split(data, asked) {
      const entities = data[ENTITIES];
      return Array.isArray(entities) && entities.length === asked ? entities : undefined;
    },
    find(part, value) {
      const finding = tags.tagsOfEntity(value, representations[part] ?? {});
      return Object.assign(finding, { isNegative: value === null });
    },
    locate(error) {
      const [field, index, ...path] = error.path ?? [];
      return field === ENTITIES && typeof index === 'number'
        ? { index, error: { ...error, path } }
        : undefined;
    },
    relocate: (part, error) => ({ ...error, path: [ENTITIES, part, ...(error.path ?? [])] }),
    join: (values) =>
      values.every((value) => value === undefined)
        ? null
        : { [ENTITIES]: values.map((value) => value ?? null) },
  };
}
