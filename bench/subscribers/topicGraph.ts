/** Events of topics come from one subgraph, the names of topics from another. */
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`;

export const TOPICS_SCHEMA = `${LINK}
  type Query { topic(id: ID!): Topic }
  type Subscription { topicChanged(id: ID!): Topic! }
  type Topic @key(fields: "id") { id: ID! sentAt: Float! }
`;

export const NAMES_SCHEMA = `${LINK}
  type Query { version: Int! }
  type Topic @key(fields: "id") { id: ID! name: String! }
`;

export const TOPIC_CHANGED = 'subscription ($id: ID!) { topicChanged(id: $id) { id sentAt name } }';

export function nameOf(id: string): string {
  return `the topic with the number ${id}`;
}

/** Milliseconds since the epoch, finer than `Date.now`; the same clock for all processes of a machine. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
