import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RegistryConfig, RegistryToken } from '../registryConfig.js';
import { RegistryRefusal } from './refusal.js';

/** Who asks. */
export type Caller = Pick<RegistryToken, 'name' | 'role' | 'subgraphs' | 'clients'>;

export interface Authorise {
  /** @throws RegistryRefusal when the request has no token, an unknown one, or one of another role */
  as(request: IncomingMessage, ...roles: readonly Caller['role'][]): Caller;
  /** Anybody with a token may read; everybody where reads are open. @throws RegistryRefusal */
  toRead(request: IncomingMessage): void;
}

export function createAuthorise({
  tokens,
  openReads,
}: Pick<RegistryConfig, 'tokens' | 'openReads'>): Authorise {
  // By hash: looking one up takes a time that tells nothing about the secrets.
  const byHash = new Map(tokens.map((token) => [digest(token.token), token]));

  function callerOf(request: IncomingMessage): Caller {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      throw new RegistryRefusal('UNAUTHENTICATED', 'a token is needed: send "Authorization: Bearer <token>"');
    }
    const caller = byHash.get(digest(authorization.replace(/^bearer +/i, '')));
    if (caller === undefined) throw new RegistryRefusal('UNAUTHENTICATED', 'this token is not known');
    return caller;
  }

  return {
    as(request, ...roles) {
      const caller = callerOf(request);
      if (roles.includes(caller.role)) return caller;
      throw new RegistryRefusal(
        'FORBIDDEN',
        `"${caller.name}" is a token for ${ROLE_IS[caller.role]}; this is for ${roles.join(' or ')}`,
      );
    },
    toRead(request) {
      if (!openReads) callerOf(request);
    },
  };
}

const ROLE_IS: Readonly<Record<Caller['role'], string>> = {
  admin: 'an administrator',
  team: 'a team',
  gateway: 'a gateway',
  reader: 'a reader',
};

/** @throws RegistryRefusal when one of them is not the caller's own */
export function checkOwner({ name, role, subgraphs }: Caller, wanted: readonly string[]): void {
  if (role === 'admin') return;
  const foreign = wanted.find((subgraph) => !subgraphs.includes(subgraph));
  if (foreign === undefined) return;
  throw new RegistryRefusal('FORBIDDEN', `the subgraph ${foreign} does not belong to "${name}"`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
