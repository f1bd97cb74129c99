/** The client of writes that came without an address. */
const unknownClient = "unknown";
/** All who come through another router share one client, so its bounds are wider. */
const unknownFactor = 10;
/** Most that one write deletes: more is left over only after the bound was lowered, for the writes that follow. */
const maxDropped = 100;

/**
 * What one client keeps, in sorted sets by last touch: of its carts with lines (`:lines`), of its empty ones (`:empty`), and
 * of the records of carts that it created (`:keys`). `keep` notes one, forgets what has expired, and deletes what is beyond
 * the bound, the longest untouched first.
 */
const clientSets = `
local function clientSet(client, kind) return "cart:client:" .. client .. ":" .. kind end
local function leave(client, ref)
  redis.call("ZREM", clientSet(client, "lines"), ref)
  redis.call("ZREM", clientSet(client, "empty"), ref)
end
local function now()
  local time = redis.call("TIME")
  return time[1] * 1000000 + time[2]
end
local function keep(set, member, lifeS, most, drop)
  local at = now()
  redis.call("ZADD", set, at, member)
  redis.call("EXPIRE", set, lifeS)
  redis.call("ZREMRANGEBYSCORE", set, "-inf", at - lifeS * 1000000)
  local beyond = math.min(redis.call("ZCARD", set) - most, ${maxDropped})
  if beyond < 1 then return end
  local popped = redis.call("ZPOPMIN", set, beyond)
  for at = 1, #popped, 2 do drop(popped[at]) end
end
`;

/**
 * Compare and set. KEYS: cart, record if it has a key of its own. ARGV: the new version, the new body, the cart's life in
 * seconds, the record's value, its life in seconds, how many records a cart keeps, the record's field (empty unless it is
 * kept in the cart, where the oldest makes room for it), the cart's reference, "lines" or "empty", the client (empty: who
 * it was before), how many such carts a client keeps, how many records of new carts (0: this one isn't counted). Version 1
 * is written only where there is no cart.
 */
export const commitScript = `${clientSets}
local field = ARGV[7] ~= "" and ARGV[7]
local recorded = (KEYS[2] and redis.call("GET", KEYS[2])) or (field and redis.call("HGET", KEYS[1], field))
if recorded then return { "recorded", recorded } end
local found = redis.call("HMGET", KEYS[1], "version", "body", "claimedBy", "client")
if found[3] then return { "claimed" } end
if tonumber(found[1] or "0") + 1 ~= tonumber(ARGV[1]) then return { "moved", found[1], found[2] } end
local client = ARGV[10]
if client == "" then client = found[4] or "${unknownClient}" end
local factor = client == "${unknownClient}" and ${unknownFactor} or 1
-- The first that needs memory: a full Redis refuses here, and nothing has changed.
redis.call("HSET", KEYS[1], "version", ARGV[1], "body", ARGV[2], "life", ARGV[3], "client", client)
redis.call("EXPIRE", KEYS[1], ARGV[3])
if KEYS[2] then redis.call("SET", KEYS[2], ARGV[4], "EX", ARGV[5]) end
if field then
  local fields = {}
  for known in string.gmatch(redis.call("HGET", KEYS[1], "fields") or "", "%S+") do fields[#fields + 1] = known end
  while #fields >= tonumber(ARGV[6]) do redis.call("HDEL", KEYS[1], table.remove(fields, 1)) end
  fields[#fields + 1] = field
  redis.call("HSET", KEYS[1], field, ARGV[4], "fields", table.concat(fields, " "))
end
if found[4] then leave(found[4], ARGV[8]) end
keep(clientSet(client, ARGV[9]), ARGV[8], tonumber(ARGV[3]), ARGV[11] * factor, function(ref)
  local cart = "cart:guest:" .. ref
  if redis.call("HGET", cart, "client") == client then redis.call("DEL", cart) end
end)
local maxRecords = tonumber(ARGV[12])
if KEYS[2] and maxRecords > 0 then
  keep(clientSet(client, "keys"), KEYS[2], tonumber(ARGV[5]), maxRecords * factor, function(record)
    redis.call("DEL", record)
  end)
end
return { "done" }
`;

/**
 * Reads a cart, which lives on for as long as it did when it was written, and is its client's last touched. KEYS: cart.
 * ARGV: the cart's reference.
 */
export const touchScript = `${clientSets}
local found = redis.call("HMGET", KEYS[1], "version", "body", "claimedBy", "life", "client")
local lifeS = found[4]
if lifeS then redis.call("EXPIRE", KEYS[1], lifeS) end
if lifeS and found[5] then
  for _, kind in ipairs({ "lines", "empty" }) do
    local set = clientSet(found[5], kind)
    if redis.call("ZSCORE", set, ARGV[1]) then
      -- A full Redis refuses this, and must not refuse reading.
      redis.pcall("ZADD", set, "XX", now(), ARGV[1])
      redis.call("EXPIRE", set, lifeS)
    end
  end
end
return found
`;

/** Deletes a cart, also for its client. KEYS: cart. ARGV: the cart's reference. */
export const removeScript = `${clientSets}
local client = redis.call("HGET", KEYS[1], "client")
if client then leave(client, ARGV[1]) end
return redis.call("DEL", KEYS[1])
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
