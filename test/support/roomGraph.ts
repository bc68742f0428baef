import { federationLink } from './federationLink.js';
import { TestChannel } from './testChannel.js';
import type { TestSubgraphDefinition } from './testSubgraph.js';

export interface RoomEvent {
  readonly id: string;
  readonly temperature: number;
}

/** What happens in rooms, from one subgraph; what they are called, from another. */
export interface RoomGraph {
  readonly changes: TestChannel<RoomEvent>;
  readonly subgraphs: readonly [TestSubgraphDefinition, TestSubgraphDefinition];
  /** Called before a name is given; a test may hold it. */
  beforeName: (id: string) => void | Promise<void>;
}

export const ROOM_CHANGES = 'subscription { roomChanged { __typename id temperature name } }';

export function createRoomGraph(): RoomGraph {
  const changes = new TestChannel<RoomEvent>();
  const graph: RoomGraph = {
    changes,
    beforeName: () => undefined,
    subgraphs: [
      {
        name: 'sensors',
        typeDefs: `${federationLink('@key')}
          type Query { room(id: ID!): Room }
          type Subscription { roomChanged(id: ID): Room! }
          type Room @key(fields: "id") { id: ID! temperature: Int! }
        `,
        resolvers: {
          Query: { room: (_: unknown, { id }: { id: string }) => ({ id, temperature: 20 }) },
          Subscription: {
            roomChanged: { subscribe: () => changes.subscribe(), resolve: (event: RoomEvent) => event },
          },
          Room: { __resolveReference: ({ id }: { id: string }) => ({ id, temperature: 20 }) },
        },
      },
      {
        name: 'names',
        typeDefs: `${federationLink('@key')}
          type Query { rooms: [Room!]! }
          type Room @key(fields: "id") { id: ID! name: String! }
        `,
        resolvers: {
          Query: { rooms: () => [{ id: 'r1' }] },
          Room: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            name: async ({ id }: { id: string }) => {
              await graph.beforeName(id);
              return `room ${id}`;
            },
          },
        },
      },
    ],
  };
  return graph;
}
