import { type Change, diff } from '@graphql-inspector/core';
import type { GraphQLSchema } from 'graphql';

export type Severity = 'breaking' | 'dangerous' | 'safe';

/** One difference between two schemas, as GraphQL Inspector found it. */
export interface SchemaChange {
  /** GraphQL Inspector's name for this kind of change, such as `FIELD_REMOVED`. */
  readonly type: string;
  readonly severity: Severity;
  readonly message: string;
  /** Coordinate of what changed, such as `Product.name`. */
  readonly path: string;
  /** Why it is of this severity, where Inspector says so. */
  readonly reason?: string;
  readonly meta: Readonly<Record<string, unknown>>;
}

const SEVERITIES = { BREAKING: 'breaking', DANGEROUS: 'dangerous', NON_BREAKING: 'safe' } as const;

/** What clients see differently, the worst first. */
export async function diffSchemas(before: GraphQLSchema, after: GraphQLSchema): Promise<SchemaChange[]> {
  const changes = await diff(before, after);
  // A directive on a definition tells clients nothing; that something is deprecated has a change of its own.
  const visible = changes.filter(({ type }) => !type.startsWith('DIRECTIVE_USAGE_'));
  return visible.map(toSchemaChange).sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

const RANK: Readonly<Record<Severity, number>> = { breaking: 0, dangerous: 1, safe: 2 };

function toSchemaChange({ type, criticality, message, path = '', meta }: Change): SchemaChange {
  return {
    type,
    severity: SEVERITIES[criticality.level],
    message,
    path,
    ...(criticality.reason !== undefined && { reason: criticality.reason }),
    meta: meta as Record<string, unknown>,
  };
}
