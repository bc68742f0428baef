import { luaScript } from '../luaScript.js';
import { RELEASE_LEASE } from './releaseLease.js';

/**
 * Gives back leases of one bucket that the caller still has.
 *
 * KEYS     the leases
 * ARGV     their ids
 */
export const RELEASE_LEASES = luaScript(`${RELEASE_LEASE}
for index = 1, #KEYS do releaseLease(KEYS[index], ARGV[index]) end
`);
