import { z } from 'zod';

/** The text of an operation under each id. */
export type OperationList = ReadonlyMap<string, string>;

const text = z.string().min(1);
const manifestSchema = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: text, body: text })),
});
const mapSchema = z.record(z.string().min(1), text);

/**
 * A manifest of `@apollo/generate-persisted-query-manifest`, or a plain JSON object of ids and texts.
 *
 * @throws Error that says what is wrong with it
 */
export function readOperationList(json: string): OperationList {
  const list = new Map<string, string>();
  for (const [id, body] of entriesOf(JSON.parse(json))) {
    const known = list.get(id);
    if (known !== undefined && known !== body) throw new Error(`the id ${id} stands for two operations`);
    list.set(id, body);
  }
  // Nearly always a build that went wrong; to lock a client out, take its file out of the configuration.
  if (list.size === 0) throw new Error('it lists no operation');
  return list;
}

function entriesOf(value: unknown): Iterable<readonly [string, string]> {
  if (isManifest(value)) {
    const { operations } = parsed(manifestSchema, value);
    return operations.map(({ id, body }) => [id, body] as const);
  }
  return Object.entries(parsed(mapSchema, value));
}

/** The texts of a plain map are strings, so a map cannot be taken for one. */
function isManifest(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'operations' in value && Array.isArray(value.operations)
  );
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not a list of operations'}`);
}
