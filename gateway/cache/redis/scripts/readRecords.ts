import { luaScript } from '../luaScript.js';
import { PRELUDE } from './prelude.js';

/**
 * Reads records of one bucket that still hold, and takes the number for loading the others.
 *
 * KEYS     guard, then the records
 * ARGV     fresh incarnation, incarnation and sequence known to the caller
 * returns  incarnation, sequence, then each record's envelope or nil, in order
 */
export const READ_RECORDS = luaScript(`${PRELUDE}
local reply = { guard.incarnation, whole(guard.sequence) }
for index = 2, #KEYS do
  local value = redis.pcall('GET', KEYS[index])
  local found = false
  if type(value) == 'string' then
    local record = parse(value)
    if record and holds(guard, record) then found = value end
  end
  -- Nobody will ever read it again; a value of another type is in the way of ours.
  if value and not found then redis.call('UNLINK', KEYS[index]) end
  reply[index + 1] = found
end
return reply
`);
