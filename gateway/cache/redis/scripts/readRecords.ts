import { luaScript } from '../luaScript.js';
import { PRELUDE } from './prelude.js';

/**
 * Reads records of one bucket that still hold, and takes the number for loading the others; with leases, in the same
 * step, also those of the records that are missing or no longer fresh.
 *
 * A lease is `<id> <incarnation> <sequence> <tags>`: it holds by the same rules as a record, so that an invalidation
 * of its source closes it. An id is the process that has it, a dot, and a number.
 *
 * KEYS     guard, then the records; with leases then those, in the same order
 * ARGV     fresh incarnation, incarnation and sequence known to the caller; with leases then the time in ms, the id to
 *          take them under, whether to take them ('take') or only to look, how long they last in ms, their tags
 * returns  incarnation, sequence, the latest operation times by subgraph as JSON or nothing, then each record's envelope
 *          or nil, in order; with leases then `taken`, `overtaken`, `held` or `none` for each
 */
export const READ_RECORDS = luaScript(`${PRELUDE}
local isLeasing = #ARGV > 3
local count = isLeasing and (#KEYS - 1) / 2 or #KEYS - 1
local now, id, mode, lifetime, leaseTags = tonumber(ARGV[4]), ARGV[5], ARGV[6], ARGV[7], ARGV[8]

local function leaseOf(key)
  local value = redis.pcall('GET', key)
  local owner, incarnation, sequence, tags
  if type(value) == 'string' then
    owner, incarnation, sequence, tags = string.match(value, '^(%w+)%.%d+ (%w+) (%d+) (%S+)$')
  end
  if owner and holds(guard, { incarnation = incarnation, sequence = tonumber(sequence), tags = tags }) then
    -- Within a process requests find each other without us.
    return owner == string.match(id, '^%w+') and 'none' or 'held'
  end
  if mode ~= 'take' then return 'none' end
  local lease = table.concat({ id, guard.incarnation, whole(guard.sequence), leaseTags }, ' ')
  -- A server without memory refuses; that must not cost the records that it has.
  if redis.pcall('SET', key, lease, 'PX', lifetime).err then return 'none' end
  return owner and 'overtaken' or 'taken'
end

local reply = { guard.incarnation, whole(guard.sequence), redis.call('HGET', guard.key, '#o') or '' }
for index = 2, count + 1 do
  local value = redis.pcall('GET', KEYS[index])
  local found, isFresh = false, false
  if type(value) == 'string' then
    local record = parse(value)
    if record and holds(guard, record) then
      found = value
      isFresh = isLeasing and record.freshUntil > now
    end
  end
  -- Nobody will ever read it again; a value of another type is in the way of ours.
  if value and not found then redis.call('UNLINK', KEYS[index]) end
  reply[index + 2] = found
  if isLeasing then reply[index + 2 + count] = isFresh and 'none' or leaseOf(KEYS[index + count]) end
end
return reply
`);
