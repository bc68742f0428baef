import type { GraphQLFormattedError } from 'graphql';
import { executionCodes } from '../../execution/codes.js';
import { isJsonObject } from '../../execution/json.js';
import { reportedErrors } from '../../execution/reportedErrors.js';
import type { SubgraphResponse } from '../../execution/types.js';
import { withoutPath } from '../../execution/withoutPath.js';
import type { AnswerFacts } from '../responseFacts.js';
import { type AnswerTags, readAnswerTags } from './answerTags.js';
import { type CacheDirectives, isForOneAlone, parseCacheControl } from './cacheControl.js';
import type { CutFetch, PartFinding } from './cutFetch.js';
import type { FetchCacheSettings } from './fetchCacheSettings.js';
import { type Loaded, LoadedPart } from './loaded.js';
import { recordTimes } from './recordTimes.js';

export interface JudgeInput {
  readonly fetch: CutFetch;
  /** The parts that were asked for. */
  readonly asked: readonly number[];
  readonly response: SubgraphResponse;
  /** Whether it was asked without what identifies the entities. */
  readonly asPlanned: boolean;
  readonly settings: FetchCacheSettings;
  /** Whether it is kept for the identity that it was made for, and for no other. */
  readonly isPerIdentity: boolean;
  /** When the subgraph was asked, in ms since the epoch. */
  readonly askedAt: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Takes an answer apart, and decides for each part whether, how long and under which tags it may be kept. */
export function judgeAnswer(input: JudgeInput): Loaded {
  const { fetch, asked, response, isPerIdentity } = input;
  const directives = parseCacheControl(response.http?.cacheControl, response.http?.age);
  const errors = errorsOf(response);
  const { data } = response;
  const values = isJsonObject(data) ? fetch.split(data, asked.length) : undefined;
  const byPart = new Map<number, GraphQLFormattedError[]>();
  const common: GraphQLFormattedError[] = [];
  for (const error of errors) {
    const located = fetch.locate(error);
    if (located === undefined) common.push(error);
    // Of none that was asked for: its path would point to another one.
    else if (!(located.index in asked)) common.push(withoutPath(error));
    else byPart.set(located.index, [...(byPart.get(located.index) ?? []), located.error]);
  }
  if (isJsonObject(data) && values === undefined) common.push(misfit(asked.length));

  const isApart = isForOneAlone(directives, isPerIdentity);
  const answerTags = readAnswerTags(response.extensions, asked.length);
  const refusal = refusalOf(input, directives, errors.length > 0 || values === undefined, answerTags);
  const parts = asked.map((part, index) => {
    const value = values?.[index];
    // Found in any case: it takes out what the planner did not ask for.
    const finding = value === undefined ? undefined : fetch.find(part, value);
    const ownTags = [...answerTags.shared, ...(answerTags.byEntity[index] ?? [])];
    if (finding?.fault === undefined) for (const tag of ownTags) finding?.tags.add(tag);
    const verdict =
      refusal === undefined && finding !== undefined
        ? judgePart(input, directives, finding)
        : (refusal ?? 'the subgraph gave no data');
    return new LoadedPart({
      value,
      errors: byPart.get(index) ?? [],
      facts: typeof verdict === 'string' ? undefined : verdict,
      refusal: typeof verdict === 'string' ? verdict : '',
      tags: typeof verdict === 'string' ? certainTags(finding) : verdict.tags,
      mayShare: value === undefined || !isApart,
      hasFailed: (value === undefined || value === null) && errors.length > 0 && errors.every(isMishap),
    });
  });
  return { parts, errors: common };
}

function certainTags(finding: PartFinding | undefined): readonly string[] {
  return finding === undefined || finding.fault !== undefined ? [] : [...finding.tags];
}

/** Why nothing of the answer may be kept. */
function refusalOf(
  { response, isPerIdentity, asPlanned }: JudgeInput,
  directives: CacheDirectives,
  isFaulty: boolean,
  { fault }: AnswerTags,
): string | undefined {
  const status = response.http?.status ?? 200;
  if (isFaulty) return 'the subgraph answered with errors, or not to the question';
  if (status !== 200) return `the subgraph answered with status ${status}`;
  if (asPlanned) return 'the subgraph cannot tell the keys of the entities in its answer';
  if (directives.noStore) return 'the subgraph said no-store or no-cache';
  if (directives.isPrivate && !isPerIdentity) {
    return 'the subgraph said private, and there is no identity to keep it for';
  }
  return fault;
}

function judgePart(
  { settings, askedAt, random }: JudgeInput,
  directives: CacheDirectives,
  finding: PartFinding,
): AnswerFacts | string {
  if (finding.fault !== undefined) return finding.fault;
  const times = recordTimes({
    directives,
    settings,
    askedAt,
    isNegative: finding.isNegative,
    random: random(),
  });
  if (times === undefined) return 'the subgraph named no time for which it is fresh';
  if (finding.tags.size > settings.maxTags) return `it has more than ${settings.maxTags} tags`;
  return { tags: [...finding.tags], scope: directives.isPrivate ? 'private' : 'public', ...times };
}

/**
 * Codes of what nobody decided: faults, and a database that is away. With any other one the subgraph refuses, and something
 * older must not stand in.
 */
const MISHAPS: ReadonlySet<unknown> = new Set([
  undefined,
  'INTERNAL_SERVER_ERROR',
  'TEMPORARILY_UNAVAILABLE',
  executionCodes.downstream,
  executionCodes.responseInvalid,
]);

function isMishap({ extensions }: GraphQLFormattedError): boolean {
  return MISHAPS.has(extensions?.['code']);
}

function errorsOf({ errors }: SubgraphResponse): readonly GraphQLFormattedError[] {
  return reportedErrors(errors).map((entry) => {
    const error = isJsonObject(entry) ? entry : { message: '' };
    return (Array.isArray(error['path'])
      ? error
      : { ...error, path: undefined }) as unknown as GraphQLFormattedError;
  });
}

function misfit(asked: number): GraphQLFormattedError {
  return {
    message: `Expected "data._entities" in response to be an array with ${asked} elements`,
    extensions: { code: executionCodes.responseInvalid },
  };
}
