create table users (
  id text primary key,
  -- As normalised for comparing: two spellings of one address are one account.
  email text not null unique,
  name text not null,
  password_hash text not null,
  roles text[] not null,
  -- The whole address book: it is read, changed and locked with its owner.
  addresses jsonb not null default '[]',
  created_at timestamptz not null default now()
);

-- One log-in on one device, with the refresh tokens that followed one another in it.
create table sessions (
  id text primary key,
  user_id text not null references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_by_user on sessions (user_id);

create table refresh_tokens (
  -- SHA-256; the token itself is known to its holder only.
  hash text primary key,
  session_id text not null references sessions on delete cascade,
  used_at timestamptz
);
create index refresh_tokens_by_session on refresh_tokens (session_id);
