import { z } from 'zod';

const answerSchema = z.object({ data: z.object({ _service: z.object({ sdl: z.string() }) }) });

/** What a running subgraph says its schema is. @throws when it does not answer, or is no subgraph */
export async function readLocalSchema(name: string, url: string): Promise<string> {
  let body: unknown;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ _service { sdl } }' }),
      signal: AbortSignal.timeout(5_000),
    });
    body = await answer.json();
  } catch (cause) {
    throw new Error(`${name} does not answer at ${url}`, { cause });
  }
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success)
    throw new Error(`${name} at ${url} does not tell its schema: is it a federation subgraph?`);
  return parsed.data.data._service.sdl;
}
