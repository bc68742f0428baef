import { luaScript } from '../luaScript.js';
import { PRELUDE } from './prelude.js';

/**
 * Stores the records of one bucket that nothing invalidated since their sequence number was taken.
 *
 * KEYS     guard, then the records
 * ARGV     fresh incarnation, incarnation and sequence known to the caller, then for each record its envelope and its
 *          lifetime in ms
 * returns  incarnation, sequence, then 1 or 0 for each record: whether it was stored
 */
export const WRITE_RECORDS = luaScript(`${PRELUDE}
local reply = { guard.incarnation, whole(guard.sequence) }
for index = 2, #KEYS do
  local envelope = ARGV[2 * index]
  local record = parse(envelope)
  local stored = record ~= nil and holds(guard, record)
  if stored then redis.call('SET', KEYS[index], envelope, 'PX', ARGV[2 * index + 1]) end
  reply[index + 1] = stored and 1 or 0
end
return reply
`);
