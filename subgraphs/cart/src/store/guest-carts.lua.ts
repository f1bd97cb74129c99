/**
 * Compare and set. KEYS: cart, record if it has a key of its own. ARGV: the new version, the new body, the cart's life in
 * seconds, the record's value, its life in seconds, how many records a cart keeps, and the record's field if it is kept in
 * the cart, where the oldest makes room for it. Version 1 is written only where there is no cart.
 */
export const commitScript = `
local field = ARGV[7]
local recorded = (KEYS[2] and redis.call("GET", KEYS[2])) or (field and redis.call("HGET", KEYS[1], field))
if recorded then return { "recorded", recorded } end
local found = redis.call("HMGET", KEYS[1], "version", "body", "claimedBy")
if found[3] then return { "claimed" } end
if tonumber(found[1] or "0") + 1 ~= tonumber(ARGV[1]) then return { "moved", found[1], found[2] } end
redis.call("HSET", KEYS[1], "version", ARGV[1], "body", ARGV[2], "life", ARGV[3])
redis.call("EXPIRE", KEYS[1], ARGV[3])
if KEYS[2] then redis.call("SET", KEYS[2], ARGV[4], "EX", ARGV[5]) end
if field then
  local fields = {}
  for known in string.gmatch(redis.call("HGET", KEYS[1], "fields") or "", "%S+") do fields[#fields + 1] = known end
  while #fields >= tonumber(ARGV[6]) do redis.call("HDEL", KEYS[1], table.remove(fields, 1)) end
  fields[#fields + 1] = field
  redis.call("HSET", KEYS[1], field, ARGV[4], "fields", table.concat(fields, " "))
end
return { "done" }
`;

/** Reads a cart, which lives on for as long as it did when it was written. KEYS: cart. */
export const touchScript = `
local found = redis.call("HMGET", KEYS[1], "version", "body", "claimedBy", "life")
if found[4] then redis.call("EXPIRE", KEYS[1], found[4]) end
return found
`;

/** Moves a cart that is kept under another key, with what is left of its life. KEYS: its key, the one it gets. */
export const moveScript = `
local found = redis.call("HGETALL", KEYS[1])
if #found == 0 or redis.call("HLEN", KEYS[2]) > 0 then return 0 end
local left = redis.call("TTL", KEYS[1])
for at = 1, #found, 2 do redis.call("HSET", KEYS[2], found[at], found[at + 1]) end
if left > 0 then redis.call("EXPIRE", KEYS[2], left) end
redis.call("DEL", KEYS[1])
return 1
`;

/** KEYS: cart. ARGV: the customer who takes it over. Gives all fields; nothing when it is gone or another's. */
export const freezeScript = `
local found = redis.call("HMGET", KEYS[1], "version", "claimedBy")
if not found[1] or (found[2] and found[2] ~= ARGV[1]) then return {} end
redis.call("HSET", KEYS[1], "claimedBy", ARGV[1])
return redis.call("HGETALL", KEYS[1])
`;
