import { z } from 'zod';
import { headerSecret } from '../platform/config/headerSecret.js';
import type { LINT_RULES } from './work/lintRules.js';

const name = z.string().regex(/^[\w.-]{1,64}$/, 'expected letters, digits, "_", "-" and "." (at most 64)');

const lintLevel = z.enum(['off', 'warn', 'error']).default('warn');

const tokenSchema = z
  .strictObject({
    name: name.describe('Stands in the audit log.'),
    role: z
      .enum(['admin', 'team', 'gateway', 'reader'])
      .describe(
        'admin: everything; team: publishes its own subgraphs; gateway: reads, reports usage; reader: reads.',
      ),
    subgraphs: z.array(name).default([]).describe('For a team: the subgraphs that are its own.'),
    clients: z
      .array(z.string().min(1).max(100))
      .default([])
      .describe('For a team: the clients whose lists of operations are its own.'),
    token: headerSecret().describe('The secret itself.'),
  })
  .refine(({ role, subgraphs, clients }) => (role === 'team') === subgraphs.length + clients.length > 0, {
    error: 'a team has subgraphs or clients, and nobody else does',
    path: ['subgraphs'],
  });

export const registryConfigSchema = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in a container.'),
  port: z.int().min(0).max(65_535).default(4010).describe('Port to listen on; 0 takes any free one.'),
  mongodbUri: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'expected a MongoDB connection string (mongodb://… or mongodb+srv://…)')
    .optional()
    .describe('Where it keeps everything; by default a database beside the others, or in memory.'),
  signingKey: z
    .string()
    .optional()
    .describe('Ed25519 private key as PEM (PKCS #8): signs what gateways get.'),
  signingKeyFile: z.string().optional().describe('A file with that key.'),
  tokens: z
    .array(tokenSchema)
    .default([])
    .refine((tokens) => new Set(tokens.map(({ token }) => token)).size === tokens.length, {
      error: 'each token is for one name alone',
    })
    .describe('Who may do what.'),
  openReads: z
    .boolean()
    .default(false)
    .describe('Whether anybody may read schemas, history, checks and usage without a token.'),
  workTimeoutMs: z
    .int()
    .min(1_000)
    .max(600_000)
    .default(60_000)
    .describe('How long composing, comparing and linting one schema may take.'),
  maxSchemaBytes: z
    .int()
    .min(1024)
    .max(15 * 1024 * 1024)
    .default(4 * 1024 * 1024)
    .describe('A request body with more bytes is refused.'),
  lint: z
    .strictObject({
      'naming-convention': lintLevel,
      'no-hashtag-description': lintLevel,
      'no-typename-prefix': lintLevel,
      'require-deprecation-reason': lintLevel,
      'require-description': lintLevel,
      'unique-enum-value-names': lintLevel,
    } satisfies Record<keyof typeof LINT_RULES, typeof lintLevel>)
    .prefault({})
    .describe('What checks say about each rule; they fail for an error.'),
  usage: z
    .strictObject({
      days: z.int().min(1).max(90).default(14).describe('How far back checks look for who uses something.'),
      retentionDays: z.int().min(2).max(400).default(30).describe('How long usage is kept.'),
      maxRowsPerHour: z
        .int()
        .min(10)
        .default(10_000)
        .describe(
          'Pairs of operation and client with counters of their own; what is beyond is counted together.',
        ),
      maxOperationsPerDay: z
        .int()
        .min(10)
        .default(5_000)
        .describe('Operations with counters of their own; what is beyond is counted together.'),
      maxReportBytes: z
        .int()
        .min(1024)
        .default(4 * 1024 * 1024)
        .describe('A report of a gateway with more bytes is refused.'),
    })
    .refine(({ days, retentionDays }) => days <= retentionDays, {
      error: 'expected at most registry.usage.retentionDays',
      path: ['days'],
    })
    .prefault({}),
});

export type RegistryConfig = z.infer<typeof registryConfigSchema>;
export type RegistryToken = RegistryConfig['tokens'][number];
