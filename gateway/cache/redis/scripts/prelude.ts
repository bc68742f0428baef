/**
 * What all scripts share: the guard of a bucket, and whether a record still holds by it.
 *
 * The guard is one hash: `#i` its incarnation, `#s` the last sequence number, `#f` the floor below which everything is
 * stale, `#o` the latest operation times, and for each invalidated tag the number of its last invalidation. All that decides is in this one key: when
 * it is evicted or lost, all of it is, and no record of another incarnation is served any more.
 */
export const PRELUDE = String.raw`
local function whole(number) return string.format('%.0f', number) end

-- Reads the guard. A missing or damaged one, and one that has gone back behind what the caller has seen (restored
-- from a backup, or from a replica that had not got the last writes), begins a new incarnation.
local function openGuard(key, fresh, knownIncarnation, knownSequence)
  local fields = redis.pcall('HMGET', key, '#i', '#s', '#f')
  if not fields.err then
    local incarnation, sequence, floor = fields[1], tonumber(fields[2]), tonumber(fields[3])
    local wentBack = incarnation == knownIncarnation and sequence and sequence < tonumber(knownSequence)
    if incarnation and sequence and floor and not wentBack then
      return { key = key, incarnation = incarnation, sequence = sequence, floor = floor }
    end
  end
  local time = redis.call('TIME')
  local sequence = tonumber(time[1]) * 1000000 + tonumber(time[2])
  redis.call('UNLINK', key)
  redis.call('HSET', key, '#i', fresh, '#s', whole(sequence), '#f', whole(sequence))
  return { key = key, incarnation = fresh, sequence = sequence, floor = sequence }
end

-- Reads the header of a record; nil for what is not ours, of another format, or cut off.
local function parse(value)
  local incarnation, sequence, bytes, freshUntil, tags, body =
    string.match(value, '^hg1 (%w+) (%d+) (%d+) %d+ (%d+) %d+ %d+ %l+ (%S+)\n()')
  if not body or #value - body + 1 ~= tonumber(bytes) then return nil end
  return { incarnation = incarnation, sequence = tonumber(sequence), tags = tags, freshUntil = tonumber(freshUntil) }
end

local function anyLater(guard, tags, sequence)
  for _, invalidated in ipairs(redis.call('HMGET', guard.key, unpack(tags))) do
    if invalidated and tonumber(invalidated) > sequence then return true end
  end
  return false
end

-- Whether nothing has invalidated the record since its sequence number was taken.
local function holds(guard, record)
  if record.incarnation ~= guard.incarnation then return false end
  if record.sequence < guard.floor or record.sequence > guard.sequence then return false end
  if record.sequence == guard.sequence then return true end
  local tags = {}
  for tag in string.gmatch(record.tags, '[^,]+') do
    tags[#tags + 1] = tag
    -- Lua's stack is too small for all the tags of a very large record at once.
    if #tags == 1000 then
      if anyLater(guard, tags, record.sequence) then return false end
      tags = {}
    end
  end
  return #tags == 0 or not anyLater(guard, tags, record.sequence)
end

local guard = openGuard(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
`;
