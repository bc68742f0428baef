/** A function for scripts: deletes a lease if it is still the one with this id. */
export const RELEASE_LEASE = `
local function releaseLease(key, id)
  local value = redis.pcall('GET', key)
  if type(value) == 'string' and string.sub(value, 1, #id + 1) == id .. ' ' then redis.call('UNLINK', key) end
end
`;
