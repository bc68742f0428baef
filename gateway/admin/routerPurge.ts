import { z } from 'zod';
import {
  entityTag,
  isTagValue,
  type TagValue,
  tagLiteral,
  tagValueText,
} from '../cache/fetch/tags/tagText.js';
import { subgraphTag, typeTag } from '../cache/invalidation.js';
import { AdminRefusal } from './adminRefusal.js';

/** Deeper than any key, and not so deep that somebody could exhaust the stack. */
const MAX_KEY_DEPTH = 8;

const name = z.string().min(1, 'expected a name');

/** The body that Apollo Router's invalidation endpoint takes: `entity` as of its entity cache, the others as of now. */
export const routerPurgeSchema = (maxEntries: number) =>
  z
    .array(
      z.discriminatedUnion(
        'kind',
        [
          z.strictObject({ kind: z.literal('subgraph'), subgraph: name }),
          z.strictObject({ kind: z.literal('type'), subgraph: name, type: name }),
          z.strictObject({
            kind: z.literal('entity'),
            subgraph: name,
            type: name,
            key: z.record(z.string(), z.unknown()),
          }),
          z.strictObject({ kind: z.literal('cache_tag'), subgraphs: z.array(name).min(1), cache_tag: name }),
        ],
        { error: 'expected one of subgraph, type, entity, cache_tag' },
      ),
    )
    .max(maxEntries, `expected at most ${maxEntries} entries`);

export type RouterPurge = z.infer<ReturnType<typeof routerPurgeSchema>>[number];

/**
 * The tags that stand for it here. Ours do not tell subgraphs apart: a type, an entity or a tag goes in all of them,
 * which can purge more than was asked for, and never less.
 *
 * @param argument where it stands in the body
 * @throws AdminRefusal for a key that can identify nothing
 */
export function tagsOfRouterPurge(purge: RouterPurge, argument: string): string[] {
  switch (purge.kind) {
    case 'subgraph':
      return [subgraphTag(purge.subgraph)];
    case 'type':
      return [typeTag(purge.type)];
    case 'entity': {
      const pairs = keyPairs(purge.key, `${argument}.key`);
      return [
        entityTag(
          purge.type,
          pairs.sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
      ];
    }
    case 'cache_tag':
      // Router's tag has values as they are, ours percent-encoded, and which part of it is a value cannot be seen.
      return [tagLiteral(purge.cache_tag), tagValueText(purge.cache_tag)];
  }
}

function keyPairs(key: Readonly<Record<string, unknown>>, argument: string): [string, TagValue][] {
  const pairs = leaves(key, '', argument, 1);
  if (pairs.length === 0) throw new AdminRefusal(400, 'expected the fields of a key', argument);
  return pairs;
}

function leaves(
  value: Readonly<Record<string, unknown>>,
  prefix: string,
  argument: string,
  depth: number,
): [string, TagValue][] {
  return Object.entries(value).flatMap(([field, inner]): [string, TagValue][] => {
    const path = `${argument}.${field}`;
    if (isTagValue(inner)) return [[prefix + field, inner]];
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner) || depth === MAX_KEY_DEPTH) {
      throw new AdminRefusal(400, 'expected a string, a number or a boolean, or an object of them', path);
    }
    return leaves(inner as Record<string, unknown>, `${prefix}${field}.`, path, depth + 1);
  });
}
