import { luaScript } from '../luaScript.js';
import { PRELUDE } from './prelude.js';

/**
 * Makes every record of one bucket stale that bears one of the tags, and every load that began before.
 *
 * The guard does not grow without bound. A tag's number is of use only as long as a record older than it can live:
 * every lifetime the floor rises to where the sequence stood one lifetime ago, and each call looks at some tags and
 * drops those below the floor. If there are too many all the same, all of them go, and a new incarnation begins, so
 * that everything older counts as stale.
 *
 * With the numbers go the operation times: whoever takes a number for loading after this one is told how new the load has
 * to be (`readRecords`). Else one that has not heard of the change yet could load what is older, from a replica of the
 * database that lags, and under a number with which it is stored.
 *
 * KEYS     guard
 * ARGV     fresh incarnation, incarnation and sequence known to the caller, longest lifetime of a record in ms, most
 *          tags that are remembered, the latest operation times by subgraph as JSON, then the tags
 * returns  incarnation, sequence
 */
export const INVALIDATE_TAGS = luaScript(`${PRELUDE}
local lifetime, most, firstTag = tonumber(ARGV[4]), tonumber(ARGV[5]), 7

local function clusterOf(time) return string.match(time, '^(.*)@') end

-- The latest of each subgraph; of times in different clusters, which do not compare, the one that came last.
local function latestTimes(told)
  local isRead, latest = pcall(cjson.decode, redis.call('HGET', guard.key, '#o') or '{}')
  if not isRead or type(latest) ~= 'table' then latest = {} end
  for source, time in pairs(cjson.decode(told)) do
    local before = latest[source]
    local isLater = type(before) == 'string' and clusterOf(before) == clusterOf(time) and before > time
    if not isLater then latest[source] = time end
  end
  return cjson.encode(latest)
end

local times = latestTimes(ARGV[6])
local sequence = whole(redis.call('HINCRBY', guard.key, '#s', 1))
redis.call('HSET', guard.key, '#o', times)
for first = firstTag, #ARGV, 1000 do
  local fields = {}
  for index = first, math.min(first + 999, #ARGV) do
    fields[#fields + 1] = ARGV[index]
    fields[#fields + 1] = sequence
  end
  redis.call('HSET', guard.key, unpack(fields))
end

if redis.call('HLEN', guard.key) > most then
  redis.call('UNLINK', guard.key)
  redis.call('HSET', guard.key, '#i', ARGV[1], '#s', sequence, '#f', sequence, '#o', times)
  return { ARGV[1], sequence }
end

-- '#m' is where the sequence stood at '#t', '#c' how far the tags have been looked at.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local sweep = redis.call('HMGET', guard.key, '#m', '#t', '#c')
if not sweep[1] then
  redis.call('HSET', guard.key, '#m', sequence, '#t', whole(now))
elseif now - tonumber(sweep[2]) >= lifetime then
  guard.floor = math.max(guard.floor, tonumber(sweep[1]))
  redis.call('HSET', guard.key, '#f', whole(guard.floor), '#m', sequence, '#t', whole(now))
end
local page = redis.call('HSCAN', guard.key, sweep[3] or '0', 'COUNT', 10 + 2 * (#ARGV - firstTag + 1))
redis.call('HSET', guard.key, '#c', page[1])
for index = 1, #page[2], 2 do
  local field = page[2][index]
  if string.sub(field, 1, 1) ~= '#' and tonumber(page[2][index + 1]) <= guard.floor then
    redis.call('HDEL', guard.key, field)
  end
end
return { guard.incarnation, sequence }
`);
