import { luaScript } from '../luaScript.js';
import { PRELUDE } from './prelude.js';
import { RELEASE_LEASE } from './releaseLease.js';

/**
 * Stores the records of one bucket that nothing invalidated since their sequence number was taken, and gives back the
 * leases that they were loaded under, those of refused records as well.
 *
 * KEYS     guard, then the records, then their leases in the same order
 * ARGV     fresh incarnation, incarnation and sequence known to the caller, then for each record its envelope, its
 *          lifetime in ms, and the id of its lease or nothing
 * returns  incarnation, sequence, then 1 or 0 for each record: whether it was stored
 */
export const WRITE_RECORDS = luaScript(`${PRELUDE}${RELEASE_LEASE}
local reply = { guard.incarnation, whole(guard.sequence) }
local count = (#KEYS - 1) / 2
for index = 1, count do
  local envelope, lifetime, leaseId = ARGV[3 * index + 1], ARGV[3 * index + 2], ARGV[3 * index + 3]
  local record = parse(envelope)
  local stored = record ~= nil and holds(guard, record)
  if stored then redis.call('SET', KEYS[1 + index], envelope, 'PX', lifetime) end
  if leaseId ~= '' then releaseLease(KEYS[1 + count + index], leaseId) end
  reply[index + 2] = stored and 1 or 0
end
return reply
`);
