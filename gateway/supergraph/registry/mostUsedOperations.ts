import { z } from 'zod';
import type { ClientOperation } from '../recentOperations.js';
import type { RegistryClient } from './registryClient.js';
import { RegistryProblem } from './registryProblem.js';

const answerSchema = z.array(z.object({ name: z.string().nullable(), text: z.string() }));

/** The registry gives no more at once. */
const MAX_OPERATIONS = 5_000;

/** The operations that gateways have reported most often. @throws RegistryProblem */
export async function readMostUsed(
  client: RegistryClient,
  limit: number,
  signal: AbortSignal,
): Promise<readonly ClientOperation[]> {
  const answer = answerSchema.safeParse(
    await client.getJson(`v1/operations?limit=${Math.min(limit, MAX_OPERATIONS)}`, signal),
  );
  if (!answer.success) throw new RegistryProblem('garbage', 'the answer is no list of operations');
  return answer.data.map(({ name, text }) => ({ text, operationName: name ?? undefined }));
}
