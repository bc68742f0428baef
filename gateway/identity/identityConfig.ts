import { z } from 'zod';

const header = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected the name of an HTTP header')
  .transform((name) => name.toLowerCase());

/** Signatures with a key pair. One secret for signer and verifier (HS256) would let each verifier issue tokens. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export const jwtConfigSchema = z.strictObject({
  jwksUrl: z.url({ protocol: /^https?$/ }).describe('Where the issuer publishes its keys (JWKS).'),
  issuer: z.string().min(1).describe('What `iss` of a token has to be.'),
  audience: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('What `aud` of a token has to name, or one of several.'),
  algorithms: z
    .array(z.enum(ALGORITHMS))
    .min(1)
    .default(['RS256', 'PS256', 'ES256', 'EdDSA'])
    .describe('Signatures that count; a token cannot choose another.'),
  header: header
    .default('authorization')
    .describe('Carries the token; as `Bearer <token>` where it is `authorization`.'),
  clockToleranceSeconds: z
    .int()
    .min(0)
    .max(600)
    .default(30)
    .describe('How far the clocks of issuer and gateway may differ.'),
  scopesClaim: z
    .string()
    .min(1)
    .default('scope')
    .describe('A claim with scopes: a text with spaces, or a list.'),
  policiesClaim: z
    .string()
    .min(1)
    .default('policies')
    .describe('A claim with the policies that hold: as scopes.'),
  forwardClaims: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Claims that subgraphs are told too, signed. Each distinct value has answers of its own in the cache.',
    ),
  jwksMaxAgeMs: z
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(600_000)
    .describe('How often the keys are loaded anew; in between only for a key that is not known.'),
  jwksCooldownMs: z
    .int()
    .min(0)
    .max(600_000)
    .default(30_000)
    .describe('Unknown keys cause no second load of the keys for this long.'),
  cacheEntries: z
    .int()
    .min(1)
    .default(10_000)
    .describe('Verified tokens kept at most, each until it expires.'),
  cacheBytes: z
    .int()
    .min(1024)
    .default(16 * 1024 * 1024)
    .describe('What verified tokens may take in memory, about.'),
});

export type JwtConfig = z.infer<typeof jwtConfigSchema>;

export const identityConfigSchema = z
  .strictObject({
    trustedHeader: header
      .optional()
      .describe('Takes the caller from this header. Only behind a proxy that sets it, or for development.'),
    jwt: jwtConfigSchema
      .optional()
      .describe('Takes the caller from a signed token. Not beside `trustedHeader`.'),
    required: z
      .boolean()
      .default(false)
      .describe('Refuses every request without an identity; else it is anonymous.'),
    secret: z.string().min(16).optional().describe('Signs the identity that subgraphs are sent.'),
  })
  .refine(({ trustedHeader, jwt }) => trustedHeader === undefined || jwt === undefined, {
    message: 'expected only one of trustedHeader and jwt',
  });

export type IdentityConfig = z.infer<typeof identityConfigSchema>;

/** Whether a request can have an identity at all. */
export function knowsCallers({ trustedHeader, jwt }: IdentityConfig): boolean {
  return trustedHeader !== undefined || jwt !== undefined;
}
