import { type Change, diff } from '@graphql-inspector/core';
import type { GraphQLSchema } from 'graphql';
import { inputAt, isRequired, isReturned, type Reach, reachOf } from './reach.js';

export type Severity = 'breaking' | 'dangerous' | 'safe';

/** One difference between two schemas, as GraphQL Inspector found it. */
export interface SchemaChange {
  /** GraphQL Inspector's name for this kind of change, such as `FIELD_REMOVED`. */
  readonly type: string;
  readonly severity: Severity;
  readonly message: string;
  /** Coordinate of what changed, such as `Product.name`. */
  readonly path: string;
  /** Why it is of this severity, where that is known. */
  readonly reason?: string;
  /** Which operations may notice; none for a safe change. */
  readonly reach?: Reach;
}

const SEVERITIES = { BREAKING: 'breaking', DANGEROUS: 'dangerous', NON_BREAKING: 'safe' } as const;
const RANK: Readonly<Record<Severity, number>> = { breaking: 0, dangerous: 1, safe: 2 };

/** What clients see differently, the worst first. */
export async function diffSchemas(before: GraphQLSchema, after: GraphQLSchema): Promise<SchemaChange[]> {
  const changes = await diff(before, after);
  return (
    changes
      // A directive on a definition tells clients nothing; that something is deprecated has a change of its own.
      .filter(({ type }) => !type.startsWith('DIRECTIVE_USAGE_'))
      .map((change) => toSchemaChange(change, before, after))
      .sort((a, b) => RANK[a.severity] - RANK[b.severity])
  );
}

function toSchemaChange(change: Change, before: GraphQLSchema, after: GraphQLSchema): SchemaChange {
  const { type, message, path = '' } = change;
  const meta = change.meta as Record<string, unknown>;
  const { severity, reason } = correctedSeverity(change, before, after);
  return {
    type,
    severity,
    message,
    path,
    ...(reason !== undefined && { reason }),
    ...(severity !== 'safe' && { reach: reachOf(type, meta, before, after) }),
  };
}

/** Where the specification says something else than Inspector does. */
function correctedSeverity(
  { type, criticality, path = '', meta }: Change,
  before: GraphQLSchema,
  after: GraphQLSchema,
): { severity: Severity; reason?: string | undefined } {
  if (type === 'FIELD_ARGUMENT_DEFAULT_CHANGED' || type === 'INPUT_FIELD_DEFAULT_VALUE_CHANGED') {
    const [was, is] = [inputAt(before, path), inputAt(after, path)];
    if (was && is && isRequired(is) && !isRequired(was)) {
      return {
        severity: 'breaking',
        reason: 'Without its default, a value that cannot be null must be sent.',
      };
    }
  }
  if (
    type === 'ENUM_VALUE_ADDED' &&
    !isReturned(after, String((meta as Record<string, unknown>)['enumName']))
  ) {
    return { severity: 'safe', reason: 'No field returns this enum: clients only send its values.' };
  }
  return { severity: SEVERITIES[criticality.level], reason: criticality.reason };
}
