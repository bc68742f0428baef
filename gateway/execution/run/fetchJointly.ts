import type { GraphQLFormattedError } from 'graphql';
import { isJsonObject, type JsonObject } from '../json.js';
import type { SubgraphRequest, SubgraphResponse } from '../types.js';
import { withoutPath } from '../withoutPath.js';
import type { Execution, JointRequest } from './execution.js';

function representationsOf({ variables }: SubgraphRequest): readonly JsonObject[] {
  return (variables?.['representations'] ?? []) as readonly JsonObject[];
}

/** An error about one entity, in the numbers of one fetch; `undefined`: about entities of another fetch only. */
function errorFor(error: GraphQLFormattedError, numbers: ReadonlyMap<number, number>, count: number) {
  const path = isJsonObject(error) ? error.path : undefined;
  const index = Array.isArray(path) && path[0] === '_entities' ? path[1] : undefined;
  if (typeof index !== 'number') return error;
  // Of none that was asked for: everybody hears of it.
  if (!Number.isInteger(index) || index < 0 || index >= count) return withoutPath(error);
  const own = numbers.get(index);
  return own === undefined ? undefined : { ...error, path: ['_entities', own, ...(path ?? []).slice(2)] };
}

/**
 * What one fetch would have been answered.
 * @param indices of its entities among all
 * @param isCopied whether another fetch takes the objects themselves
 */
function answerFor(
  response: SubgraphResponse,
  count: number,
  indices: readonly number[],
  isCopied: boolean,
): SubgraphResponse {
  if (!isJsonObject(response)) return response;
  const { data, errors } = response;
  const numbers = new Map(indices.map((index, own) => [index, own]));
  const answer: { -readonly [K in keyof SubgraphResponse]: SubgraphResponse[K] } = { ...response };
  if (Array.isArray(errors)) answer.errors = errors.flatMap((error) => errorFor(error, numbers, count) ?? []);
  if (isJsonObject(data)) {
    const entities: unknown = data['_entities'];
    const isWhole = Array.isArray(entities) && entities.length === count;
    const own = isWhole ? indices.map((index) => entities[index] as unknown) : undefined;
    answer.data = { _entities: isCopied ? structuredClone(own) : own };
  }
  return answer;
}

function startJoint<C>(
  request: SubgraphRequest,
  execution: Execution<C>,
  onSent: () => void,
): JointRequest & { readonly first: Promise<SubgraphResponse> } {
  const all = [...representationsOf(request)];
  const members: (readonly number[])[] = [all.map((_representation, index) => index)];
  let indices: Map<string, number> | undefined;

  async function send(): Promise<readonly SubgraphResponse[]> {
    // What begins in this turn is there by then.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    onSent();
    if (members.length === 1) return [await execution.fetch(request, execution.context)];
    const joint = { ...request, variables: { ...request.variables, representations: all } };
    const response = await execution.fetch(joint, execution.context);
    // All at once, before anybody changes what is the answer's.
    return members.map((own, member) => answerFor(response, all.length, own, member > 0));
  }

  const answers = send();
  const answerOf = async (member: number) => (await answers)[member] as SubgraphResponse;
  return {
    first: answerOf(0),
    join(representations) {
      const known = indices ?? new Map(all.map((one, index) => [JSON.stringify(one), index]));
      indices = known;
      const own = representations.map((representation) => {
        const text = JSON.stringify(representation);
        let index = known.get(text);
        if (index === undefined) {
          index = all.push(representation) - 1;
          known.set(text, index);
        }
        return index;
      });
      members.push(own);
      return answerOf(members.length - 1);
    },
  };
}

/** Sends a request together with those of the same key that begin at the same time; each entity is asked for once. */
export function fetchJointly<C>(
  key: string,
  request: SubgraphRequest,
  execution: Execution<C>,
): Promise<SubgraphResponse> {
  execution.joints ??= new Map();
  const { joints } = execution;
  const open = joints.get(key);
  if (open !== undefined) return open.join(representationsOf(request));
  const joint = startJoint(request, execution, () => joints.delete(key));
  joints.set(key, joint);
  return joint.first;
}
