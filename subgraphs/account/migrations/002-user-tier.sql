alter table users
  -- Which line a customer stands in where a flash sale serves two.
  add column tier text not null default 'STANDARD' check (tier in ('STANDARD', 'VIP')),
  -- The version of the user's events; UserRegistered has the first.
  add column version int not null default 1;

-- Who changed whose tier, when and why. Written in the transaction of the change, never changed after it.
create table tier_changes (
  id bigint generated always as identity primary key,
  -- No foreign key: the record outlives the account.
  user_id text not null,
  tier text not null,
  reason text not null,
  changed_by text not null,
  changed_at timestamptz not null default now()
);
create index tier_changes_by_user on tier_changes (user_id);
