import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex');
const NAME = '[_A-Za-z][_0-9A-Za-z]*';
const coordinate = (parts: number) =>
  z
    .array(
      z
        .string()
        .max(400)
        .regex(new RegExp(`^${NAME}(\\.${NAME}){${parts - 1}}$`), 'expected a coordinate of the schema'),
    )
    .max(5_000);
const count = z.int().min(0).max(1e12);

const operationSchema = z.object({
  id: sha256,
  name: z.string().max(200).nullable(),
  kind: z.enum(['query', 'mutation', 'subscription']),
  text: z.string().max(200_000).optional(),
  client: z.object({ name: z.string().max(1_000), version: z.string().max(1_000) }),
  count: count.min(1),
  errors: count,
  fields: coordinate(2),
  arguments: coordinate(3),
  inputFields: coordinate(2),
  enumValues: coordinate(2),
});

/** What a gateway saw in a while. Coordinates are of the API schema; arguments and input fields only those that were sent. */
export const usageReportSchema = z.object({
  supergraph: sha256,
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  /** Executions that the gateway could not keep. */
  dropped: count,
  operations: z.array(operationSchema).max(5_000),
});

export type UsageReport = z.infer<typeof usageReportSchema>;
export type ReportedOperation = UsageReport['operations'][number];
