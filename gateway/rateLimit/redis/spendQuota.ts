import { luaScript } from '../../cache/redis/luaScript.js';

/**
 * What `takeInterval` does, by the clock of the server: gateways whose clocks differ count alike.
 *
 * KEYS: the counter. ARGV: interval in microseconds, burst. Returns whether it was admitted (1 or 0), and how many
 * microseconds of the time to come are taken up.
 */
export const SPEND_QUOTA = luaScript(`
local function whole(number) return string.format('%.0f', number) end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local interval = tonumber(ARGV[1])
local room = interval * tonumber(ARGV[2])
local stored = tonumber(redis.call('GET', KEYS[1]) or '') or now
local paidUntil = math.min(math.max(stored, now), now + room)
local isAdmitted = paidUntil + interval - now <= room
if isAdmitted then paidUntil = paidUntil + interval end
if paidUntil ~= stored then
  redis.call('SET', KEYS[1], whole(paidUntil), 'PX', whole(math.ceil((paidUntil - now) / 1000)))
end
return { isAdmitted and 1 or 0, whole(paidUntil - now) }
`);
