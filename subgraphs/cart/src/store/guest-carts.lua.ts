/**
 * Compare and set. KEYS: cart, record if any. ARGV: the new version, the new body, the cart's life in seconds,
 * the record's value and its life in seconds. Version 1 is written only where there is no cart.
 */
export const commitScript = `
if KEYS[2] then
  local recorded = redis.call("GET", KEYS[2])
  if recorded then return { "recorded", recorded } end
end
local found = redis.call("HMGET", KEYS[1], "version", "body", "claimedBy")
if found[3] then return { "claimed" } end
if tonumber(found[1] or "0") + 1 ~= tonumber(ARGV[1]) then return { "moved", found[1], found[2] } end
redis.call("HSET", KEYS[1], "version", ARGV[1], "body", ARGV[2])
redis.call("EXPIRE", KEYS[1], ARGV[3])
if KEYS[2] then redis.call("SET", KEYS[2], ARGV[4], "EX", ARGV[5]) end
return { "done" }
`;

/**
 * KEYS: cart. ARGV: the customer who takes it over. Gives version, body, and whether this call froze it; nothing
 * when it is gone or another's.
 */
export const freezeScript = `
local found = redis.call("HMGET", KEYS[1], "version", "body", "claimedBy")
if not found[1] or (found[3] and found[3] ~= ARGV[1]) then return {} end
if not found[3] then redis.call("HSET", KEYS[1], "claimedBy", ARGV[1]) end
return { found[1], found[2], found[3] and "again" or "first" }
`;
