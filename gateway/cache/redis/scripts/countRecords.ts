import { luaScript } from '../luaScript.js';
import { PRELUDE } from './prelude.js';

/**
 * Counts those records of one bucket that hold and bear one of the tags.
 *
 * KEYS     guard, then the records
 * ARGV     fresh incarnation, incarnation and sequence known to the caller, then the tags
 * returns  incarnation, sequence, the count
 */
export const COUNT_RECORDS = luaScript(`${PRELUDE}
local wanted = {}
for index = 4, #ARGV do wanted[ARGV[index]] = true end
local count = 0
for index = 2, #KEYS do
  local value = redis.pcall('GET', KEYS[index])
  local record = type(value) == 'string' and parse(value) or nil
  if record and holds(guard, record) then
    for tag in string.gmatch(record.tags, '[^,]+') do
      if wanted[tag] then
        count = count + 1
        break
      end
    end
  end
end
return { guard.incarnation, whole(guard.sequence), count }
`);
