import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { readBody } from '../../platform/http/readBody.js';
import { RegistryRefusal } from './refusal.js';

/** The body as `schema` has it. @throws RegistryRefusal that names what is wrong; CodedError when it is too large */
export async function readJson<S extends z.ZodType>(
  request: IncomingMessage,
  schema: S,
  maxBytes: number,
): Promise<z.infer<S>> {
  // A page in a browser can send any text elsewhere without asking, but not as JSON.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new RegistryRefusal('BAD_REQUEST', 'expected "content-type: application/json"');
  }
  const text = (await readBody(request, maxBytes)).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RegistryRefusal('BAD_REQUEST', 'the body is not JSON');
  }
  return parseWith(schema, value);
}

export function parseWith<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const argument = issue?.path.join('.') ?? '';
  throw new RegistryRefusal('BAD_REQUEST', `${argument || 'body'}: ${issue?.message}`, {
    ...(argument !== '' && { argument }),
  });
}
