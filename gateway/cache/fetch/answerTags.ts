import { isJsonObject } from '../../execution/json.js';
import { tagLiteral } from './tags/tagText.js';

/** Tags that a subgraph itself put on its answer. */
export interface AnswerTags {
  readonly shared: readonly string[];
  /** By the representation asked for; empty when the subgraph says nothing about them. */
  readonly byEntity: readonly (readonly string[])[];
  /** Set when it tried to say something that cannot be understood: then something may go unpurged. */
  readonly fault?: string;
}

const MAX_TAG_LENGTH = 1_024;

/** From `extensions.headgate { cacheTags, entityCacheTags }`, or Apollo Router's `apolloCacheTags`, `apolloEntityCacheTags`. */
export function readAnswerTags(extensions: unknown, asked: number): AnswerTags {
  const all = isJsonObject(extensions) ? extensions : {};
  const own = isJsonObject(all['headgate']) ? all['headgate'] : {};
  const shared = [own['cacheTags'], all['apolloCacheTags']].filter(isSaid);
  const byEntity = [own['entityCacheTags'], all['apolloEntityCacheTags']].filter(isSaid);
  const isSound =
    shared.every(isTagList) &&
    byEntity.every((lists) => Array.isArray(lists) && lists.length === asked && lists.every(isTagList));
  if (!isSound) return { shared: [], byEntity: [], fault: 'its cache tags are not lists of texts' };
  const lists = byEntity as (readonly string[])[][];
  return {
    shared: shared.flat().map(tagLiteral),
    byEntity:
      lists.length === 0
        ? []
        : Array.from({ length: asked }, (_, index) =>
            lists.flatMap((list) => list[index] ?? []).map(tagLiteral),
          ),
  };
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isTagList(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.every((tag) => typeof tag === 'string' && tag !== '' && tag.length <= MAX_TAG_LENGTH)
  );
}
