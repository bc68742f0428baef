import { z } from 'zod';
import { subgraphTag, typeTag } from '../cache/invalidation.js';
import { AdminRefusal } from './adminRefusal.js';
import { type Purge, sourcesOf } from './purgeTarget.js';
import { routerPurgeSchema, tagsOfRouterPurge } from './routerPurge.js';

/** Names of each kind in one request. */
export const MAX_NAMES = 1_000;
const MAX_TAG_LENGTH = 1_024;

const tag = z
  .string()
  .min(1, 'expected a tag')
  .max(MAX_TAG_LENGTH, `expected at most ${MAX_TAG_LENGTH} characters`)
  .regex(
    /^[^\s,\p{Cc}]+$/u,
    'expected no spaces, commas or control characters: in tags they are percent-encoded',
  );
const typename = z.string().regex(/^[_A-Za-z]\w*$/, 'expected the name of a GraphQL type');
const names = <T extends z.ZodType>(name: T) =>
  z.array(name).max(MAX_NAMES, `expected at most ${MAX_NAMES} entries`).default([]);

const purgeSchema = z.strictObject({
  tags: names(tag),
  types: names(typename),
  subgraphs: names(z.string()),
  dryRun: z.boolean().default(false),
});

export interface PurgeRequest extends Purge {
  /** Only counts. */
  readonly dryRun: boolean;
  /** Whether it came in the shape of Apollo Router, whose clients expect its answer. */
  readonly fromRouter: boolean;
}

/**
 * @param body parsed JSON: our object, or Apollo Router's array
 * @param subgraphs those that are served: a name that is none of them is a typing mistake
 * @throws AdminRefusal that names what is wrong
 */
export function parsePurgeRequest(body: unknown, subgraphs: readonly string[]): PurgeRequest {
  if (subgraphs.length === 0) throw new AdminRefusal(503, 'no supergraph is served yet');
  const fromRouter = Array.isArray(body);
  const { tags, dryRun } = fromRouter ? readRouterPurge(body, subgraphs) : readPurge(body, subgraphs);
  if (tags.length === 0) throw new AdminRefusal(400, 'nothing to purge: name tags, types or subgraphs');
  return { tags, sources: sourcesOf(tags, subgraphs), dryRun, fromRouter };
}

function readPurge(body: unknown, served: readonly string[]): { tags: string[]; dryRun: boolean } {
  const { tags, types, subgraphs, dryRun } = check(purgeSchema, body);
  checkSubgraphs(subgraphs, served, 'subgraphs');
  return { tags: unique([...tags, ...types.map(typeTag), ...subgraphs.map(subgraphTag)]), dryRun };
}

function readRouterPurge(body: unknown, served: readonly string[]): { tags: string[]; dryRun: boolean } {
  const purges = check(routerPurgeSchema(MAX_NAMES), body);
  const tags = purges.flatMap((purge, index) => {
    const argument = `[${index}]`;
    if (purge.kind === 'cache_tag') checkSubgraphs(purge.subgraphs, served, `${argument}.subgraphs`);
    else checkSubgraph(purge.subgraph, served, `${argument}.subgraph`);
    return tagsOfRouterPurge(purge, argument);
  });
  return { tags: unique(tags), dryRun: false };
}

function check<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0] as z.core.$ZodIssue;
  if (issue.code === 'unrecognized_keys') {
    throw new AdminRefusal(400, 'there is no such key', pathText([...issue.path, issue.keys[0] ?? '']));
  }
  throw new AdminRefusal(400, issue.message, pathText(issue.path) || undefined);
}

function checkSubgraphs(names: readonly string[], served: readonly string[], argument: string): void {
  for (const [index, name] of names.entries()) checkSubgraph(name, served, `${argument}[${index}]`);
}

function checkSubgraph(name: string, served: readonly string[], argument: string): void {
  if (served.includes(name)) return;
  throw new AdminRefusal(
    400,
    `there is no subgraph ${JSON.stringify(name)}; there are ${served.join(', ')}`,
    argument,
  );
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('');
}

function unique(tags: readonly string[]): string[] {
  return [...new Set(tags)];
}
