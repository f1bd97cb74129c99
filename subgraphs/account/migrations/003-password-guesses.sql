-- Guesses at the current password of a signed-in user, whatever way the request came.
create table password_guesses (
  user_id text primary key references users on delete cascade,
  -- When the user has all guesses again: each puts it off by the time after which one is given back.
  all_back_at timestamptz not null
);
