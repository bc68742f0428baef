import { z } from 'zod';

export const persistedConfigSchema = z
  .strictObject({
    mode: z
      .enum(['off', 'log', 'require_listed', 'require_id'])
      .default('off')
      .describe(
        'What is done with the lists: nothing; ids run and texts that are not listed are counted and logged; such texts are refused; every text is refused.',
      ),
    files: z
      .array(
        z.union([
          z.string().min(1),
          z.strictObject({ path: z.string().min(1), client: z.string().min(1).max(100) }),
        ]),
      )
      .max(1_000)
      .default([])
      .describe('Lists of operations: the path of a file for all clients, or `{ path, client }` for one.'),
    pollMs: z.int().min(100).max(600_000).default(5_000).describe('How often the files are looked at again.'),
    registry: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .describe('Whether the lists that are published to `gateway.registry` hold, beside the files.'),
        cacheFile: z
          .string()
          .min(1)
          .default('.headgate/operations.json')
          .describe('Where they are kept, to start from when the registry is down.'),
      })
      .prefault({}),
    automatic: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .describe('Whether clients may register operations by their hash, in the modes `off` and `log`.'),
        maxBytes: z
          .int()
          .min(65_536)
          .default(16 * 1024 * 1024)
          .describe('Texts of registered operations kept at most, per process.'),
      })
      .prefault({}),
  })
  .refine(({ mode, files, registry }) => mode === 'off' || files.length > 0 || registry.enabled, {
    error: 'a mode other than off needs at least one file, or the lists of the registry',
    path: ['files'],
  });

export type PersistedConfig = z.infer<typeof persistedConfigSchema>;
export type PersistedMode = PersistedConfig['mode'];
