-- Captures at the provider that no payment owns and that couldn't be adopted: money that a person has to see to.
create table parked_intents (
  intent_id text primary key,
  order_id text not null,
  amount bigint,
  currency text,
  reason text not null,
  found_at timestamptz not null default now(),
  -- When it was last tried again, and since when nothing has to be done about it any more.
  looked_at timestamptz not null default now(),
  resolved_at timestamptz
);
create index parked_intents_open on parked_intents (looked_at) where resolved_at is null;

-- The cursor counts in the provider's seconds; where it begins is ours, so it begins a day back: no clock is wrong by more.
alter table provider alter column seen_until set default extract(epoch from now())::bigint - 86400;
update provider set seen_until = seen_until - 86400;
