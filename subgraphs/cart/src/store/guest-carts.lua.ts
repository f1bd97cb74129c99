/** The client of writes without an address. */
const unknownClient = "unknown";
/** All callers through another router share this client, so its bounds are ten times wider. */
const unknownFactor = 10;
/** Carts or records that one write deletes. More are beyond a bound only after it was lowered; later writes delete the rest. */
const maxDeletedPerWrite = 100;

/**
 * Sorted sets of one client, by last touch: its carts with lines (`:lines`), its empty carts (`:empty`), and the idempotency
 * records of carts that it created (`:keys`). `add` adds a member, removes expired members, and deletes what is beyond the
 * bound, the least recently touched first.
 */
const clientSets = `
local function clientSet(client, kind) return "cart:client:" .. client .. ":" .. kind end
local function removeCart(client, ref)
  redis.call("ZREM", clientSet(client, "lines"), ref)
  redis.call("ZREM", clientSet(client, "empty"), ref)
end
local function now()
  local time = redis.call("TIME")
  return time[1] * 1000000 + time[2]
end
local function add(set, member, ttlS, max, delete)
  local at = now()
  redis.call("ZADD", set, at, member)
  redis.call("EXPIRE", set, ttlS)
  redis.call("ZREMRANGEBYSCORE", set, "-inf", at - ttlS * 1000000)
  local beyond = math.min(redis.call("ZCARD", set) - max, ${maxDeletedPerWrite})
  if beyond < 1 then return end
  local popped = redis.call("ZPOPMIN", set, beyond)
  for at = 1, #popped, 2 do delete(popped[at]) end
end
`;

/**
 * Compare and set; version 1 needs that no cart is there. KEYS: cart, record (if it has a key of its own). ARGV: 1 new
 * version, 2 new body, 3 the cart's TTL in seconds, 4 the record's value, 5 its TTL in seconds, 6 max records in a cart,
 * 7 the record's field in the cart's hash (else empty; the oldest makes room for it), 8 the cart's reference, 9 "lines" or
 * "empty", 10 the client (empty: as before), 11 max such carts of a client, 12 max records of new carts (0: this record isn't
 * counted).
 */
export const commitScript = `${clientSets}
local field = ARGV[7] ~= "" and ARGV[7]
local recorded = (KEYS[2] and redis.call("GET", KEYS[2])) or (field and redis.call("HGET", KEYS[1], field))
if recorded then return { "recorded", recorded } end
local found = redis.call("HMGET", KEYS[1], "version", "body", "claimedBy", "client")
if found[3] then return { "claimed" } end
if tonumber(found[1] or "0") + 1 ~= tonumber(ARGV[1]) then return { "conflict", found[1], found[2] } end
local client = ARGV[10]
if client == "" then client = found[4] or "${unknownClient}" end
local factor = client == "${unknownClient}" and ${unknownFactor} or 1
-- The first command that needs memory: a full Redis refuses here, before any change.
redis.call("HSET", KEYS[1], "version", ARGV[1], "body", ARGV[2], "ttl", ARGV[3], "client", client)
redis.call("EXPIRE", KEYS[1], ARGV[3])
if KEYS[2] then redis.call("SET", KEYS[2], ARGV[4], "EX", ARGV[5]) end
if field then
  local fields = {}
  for known in string.gmatch(redis.call("HGET", KEYS[1], "fields") or "", "%S+") do fields[#fields + 1] = known end
  while #fields >= tonumber(ARGV[6]) do redis.call("HDEL", KEYS[1], table.remove(fields, 1)) end
  fields[#fields + 1] = field
  redis.call("HSET", KEYS[1], field, ARGV[4], "fields", table.concat(fields, " "))
end
if found[4] then removeCart(found[4], ARGV[8]) end
add(clientSet(client, ARGV[9]), ARGV[8], tonumber(ARGV[3]), ARGV[11] * factor, function(ref)
  local cart = "cart:guest:" .. ref
  if redis.call("HGET", cart, "client") == client then redis.call("DEL", cart) end
end)
local maxRecords = tonumber(ARGV[12])
if KEYS[2] and maxRecords > 0 then
  add(clientSet(client, "keys"), KEYS[2], tonumber(ARGV[5]), maxRecords * factor, function(record)
    redis.call("DEL", record)
  end)
end
return { "done" }
`;

/**
 * Reads a cart and touches it: its TTL begins anew, and it becomes its client's most recently touched. KEYS: cart. ARGV: the
 * cart's reference.
 */
export const touchScript = `${clientSets}
local found = redis.call("HMGET", KEYS[1], "version", "body", "claimedBy", "ttl", "client")
local ttlS = found[4]
if ttlS then redis.call("EXPIRE", KEYS[1], ttlS) end
if ttlS and found[5] then
  for _, kind in ipairs({ "lines", "empty" }) do
    local set = clientSet(found[5], kind)
    if redis.call("ZSCORE", set, ARGV[1]) then
      -- A full Redis refuses this command; the read must not fail with it.
      redis.pcall("ZADD", set, "XX", now(), ARGV[1])
      redis.call("EXPIRE", set, ttlS)
    end
  end
end
return found
`;

/** Deletes a cart, also from its client's sets. KEYS: cart. ARGV: the cart's reference. */
export const removeScript = `${clientSets}
local client = redis.call("HGET", KEYS[1], "client")
if client then removeCart(client, ARGV[1]) end
return redis.call("DEL", KEYS[1])
`;

/** Marks a cart as being claimed. KEYS: cart. ARGV: the customer. Returns all fields; none when it is gone or another customer claims it. */
export const freezeScript = `
local found = redis.call("HMGET", KEYS[1], "version", "claimedBy")
if not found[1] or (found[2] and found[2] ~= ARGV[1]) then return {} end
redis.call("HSET", KEYS[1], "claimedBy", ARGV[1])
return redis.call("HGETALL", KEYS[1])
`;
