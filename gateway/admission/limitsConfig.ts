import { z } from 'zod';

const limit = (fallback: number) => z.int().min(1).max(10_000_000).default(fallback);

/** What an operation may be at most. Far above what frontends send, far below what hurts. */
export const limitsConfigSchema = z.strictObject({
  mode: z
    .enum(['enforce', 'warn', 'off'])
    .default('enforce')
    .describe('`warn` counts and logs what would be refused; `off` does not look.'),
  maxBodyBytes: z
    .int()
    .min(1024)
    .optional()
    .describe(
      'Bytes of a body, or of a message on a WebSocket. By default, and at most, `gateway.maxBodyBytes`, which refuses in every mode.',
    ),
  maxTokens: limit(15_000).describe('Words and signs of a document.'),
  maxDepth: limit(30).describe('Fields inside of fields.'),
  maxFields: limit(5_000).describe('Fields of an operation, each fragment counted wherever it is spread.'),
  maxRootFields: limit(50).describe('Fields at the root of an operation.'),
  maxAliases: limit(200).describe('Aliases in a document.'),
  maxDirectives: limit(200).describe('Directives in a document.'),
  maxListItems: limit(1_000).describe('Elements of one list, in the document or the variables.'),
  // The planner looks for variables in each list twice: its time doubles with each list around it.
  maxListDepth: limit(8).describe('Lists inside of each other in the document.'),
  maxVariableValues: limit(20_000).describe('Values in the variables, lists and objects included.'),
  maxVariableDepth: limit(50).describe('Lists and objects inside of each other in the variables.'),
});

export type LimitsConfig = z.infer<typeof limitsConfigSchema>;
