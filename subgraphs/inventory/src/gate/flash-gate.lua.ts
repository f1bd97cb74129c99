/**
 * Admits an entry. KEYS: tokens, ticket. ARGV: seconds that the claim of a ticket lives. A known customer passes without a token;
 * without tokens (a wiped Redis) all pass.
 */
export const admitScript = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 'known' end
local tokens = redis.call('GET', KEYS[1])
if not tokens then return 'open' end
if tonumber(tokens) <= 0 then return 'full' end
redis.call('DECR', KEYS[1])
redis.call('SET', KEYS[2], '?', 'NX', 'EX', ARGV[1])
return 'admitted'`;

/**
 * Writes the tokens of a sale's version, unless those of a newer one are there. KEYS: tokens, version. ARGV: version, tokens,
 * seconds to live.
 */
export const tokensScript = `
local version = redis.call('GET', KEYS[2])
if version and tonumber(version) > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[3])
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1`;

/** Deletes keys that have this value still: a lock is released by its owner alone. KEYS: the locks. ARGV: the value. */
export const releaseScript = `
local deleted = 0
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then deleted = deleted + redis.call('DEL', key) end
end
return deleted`;

/** Writes what can be bought of a variant, unless a newer version is there. KEYS: it. ARGV: version, units, milliseconds to live. */
export const availableScript = `
local held = redis.call('GET', KEYS[1])
if held and tonumber(string.match(held, '^%d+')) > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
return 1`;
