import { z } from 'zod';

const address = z
  .string()
  .regex(/^[\w.-]+:\d{1,5}$/, 'expected host:port, as the other members and the clients reach it');
const name = z.string().regex(/^[\w-]+$/, 'expected letters, digits, _ and -');
const replicaSet = z.strictObject({ name, members: z.array(address).min(1).max(50) });
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time such as "02:00", in quotes');

/** The servers of a cluster and what is to be made of them; read from a YAML file. */
export const topologySchema = z
  .strictObject({
    /** How `mongos` is reached. Without it only replica sets are made. */
    mongos: z
      .string()
      .regex(/^mongodb(\+srv)?:\/\//)
      .optional(),
    configServers: replicaSet.optional(),
    shards: z.array(replicaSet).default([]),
    /** Replica sets that are no shard. */
    replicaSets: z.array(replicaSet).default([]),
    /** The sharded database. */
    database: name.default('shop'),
    /** Pins categories of products to shards. */
    zones: z
      .array(
        z.strictObject({
          name,
          shards: z.array(name).min(1),
          categories: z.array(z.string().min(1)).min(1),
        }),
      )
      .default([]),
    /** When chunks may move; in the time zone of the config servers. */
    balancerWindow: z.strictObject({ start: timeOfDay, stop: timeOfDay }).optional(),
    users: z
      .array(
        z.strictObject({
          name,
          /** Environment variable with the password: it stands in no file. */
          passwordVariable: z.string().min(1),
          databases: z.array(name).min(1),
          /** Replica sets that are no shard on which the user is made, besides the sharded cluster. */
          replicaSets: z.array(name).default([]),
        }),
      )
      .default([]),
    /** Who connects, where servers ask for it. */
    connection: z
      .strictObject({
        username: z.string().min(1).optional(),
        passwordVariable: z.string().min(1).optional(),
        tls: z.boolean().default(false),
      })
      .prefault({}),
  })
  .superRefine((topology, context) => {
    const shards = new Set(topology.shards.map((shard) => shard.name));
    const others = new Set(topology.replicaSets.map((set) => set.name));
    const unknown = (known: ReadonlySet<string>, names: readonly string[], path: (string | number)[]) => {
      for (const wanted of names) {
        if (!known.has(wanted)) context.addIssue({ code: 'custom', path, message: `there is no ${wanted}` });
      }
    };
    for (const [index, zone] of topology.zones.entries())
      unknown(shards, zone.shards, ['zones', index, 'shards']);
    for (const [index, user] of topology.users.entries()) {
      unknown(others, user.replicaSets, ['users', index, 'replicaSets']);
    }
    if (topology.shards.length > 0 && (topology.mongos === undefined || !topology.configServers)) {
      context.addIssue({ code: 'custom', path: ['mongos'], message: 'shards need mongos and configServers' });
    }
    const owned = new Map<string, string>();
    for (const category of topology.zones.flatMap(({ name, categories }) =>
      categories.map((category) => ({ name, category })),
    )) {
      const owner = owned.get(category.category);
      if (owner !== undefined) {
        context.addIssue({
          code: 'custom',
          path: ['zones'],
          message: `${category.category} is in ${owner} and in ${category.name}`,
        });
      }
      owned.set(category.category, category.name);
    }
  });

export type Topology = z.infer<typeof topologySchema>;
export type ReplicaSetTopology = z.infer<typeof replicaSet>;
