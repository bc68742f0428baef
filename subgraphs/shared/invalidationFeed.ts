import {
  type GraphQLFieldConfig,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import type { ChangeEvent } from '../../platform/database/database.js';
import type { ChangeSource } from './changeSource.js';
import { liveField } from './liveField.js';

export interface Invalidation {
  /** What has changed; empty for a heartbeat. */
  readonly tags: readonly string[];
  /** Resumes right after this event. */
  readonly cursor: string;
  readonly operationTime: string | undefined;
}

const InvalidationType = new GraphQLObjectType<Invalidation>({
  name: 'Invalidation',
  fields: {
    tags: {
      type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLString))),
      description: 'What has changed: entity tags and list tags, of before and after. Empty in a heartbeat.',
    },
    cursor: {
      type: new GraphQLNonNull(GraphQLString),
      description: 'Resumes right after this event.',
    },
    operationTime: {
      type: GraphQLString,
      description: 'When the database applied it; reads at least this new can not bring the old value back.',
    },
  },
});

/** The schema of the invalidation feed. It is no part of the public graph: gateways alone may read it. */
export function createInvalidationSchema(
  subgraphName: string,
  changes: ChangeSource,
  tagsOf: (event: ChangeEvent) => readonly string[],
): GraphQLSchema {
  const invalidations = liveField<{ after?: string | null }, unknown, Invalidation>(changes, ({ after }) => ({
    after: after ?? undefined,
    select: (change) => ({
      tags: change.kind === 'change' ? tagsOf(change) : [],
      cursor: change.cursor,
      operationTime: change.operationTime,
    }),
  }));
  const field: GraphQLFieldConfig<unknown, unknown, { after?: string | null }> = {
    type: new GraphQLNonNull(InvalidationType),
    description: 'Every change after the cursor, or from now on; heartbeats in between.',
    args: { after: { type: GraphQLString, description: 'The cursor of the last event that was applied.' } },
    subscribe: invalidations.subscribe,
    resolve: (payload) => invalidations.resolve(payload as Parameters<typeof invalidations.resolve>[0]),
  };
  return new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        subgraph: {
          type: new GraphQLNonNull(GraphQLString),
          description: 'Whose feed this is.',
          resolve: () => subgraphName,
        },
      },
    }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: { invalidations: field as GraphQLFieldConfig<unknown, unknown> },
    }),
  });
}
