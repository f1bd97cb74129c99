create table users (
  id text primary key,
  -- In the normal form: two spellings of one address are one account.
  email text not null unique,
  name text not null,
  password_hash text not null,
  roles text[] not null,
  -- The whole address book: it is read, changed and locked with its owner.
  addresses jsonb not null default '[]',
  created_at timestamptz not null default now()
);

-- One log-in on one device, with the family of its refresh tokens.
create table sessions (
  id text primary key,
  user_id text not null references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_by_user on sessions (user_id);

create table refresh_tokens (
  -- SHA-256; only the token's holder has the token.
  hash text primary key,
  session_id text not null references sessions on delete cascade,
  used_at timestamptz
);
create index refresh_tokens_by_session on refresh_tokens (session_id);

-- Ended sessions whose access tokens may still be valid. The gateways read them and refuse those tokens.
create table ended_sessions (
  -- The session's id in access tokens: a digest, because a refresh token made up from the id itself would end the session.
  sid text primary key,
  ended_at timestamptz not null default clock_timestamp()
);
create index ended_sessions_by_time on ended_sessions (ended_at);

-- The attempts of signed-in users at their current password, on whatever way the request came.
create table password_attempts (
  user_id text primary key references users on delete cascade,
  -- When the bucket of attempts is full again; each attempt adds the time of one refill.
  full_at timestamptz not null
);
