-- The one payment of an order; written with the first event of the order, so always before the provider is called.
create table payments (
  id text primary key,
  order_id text not null,
  version int not null,
  status text not null,
  amount bigint,
  currency text,
  is_reserved boolean not null,
  ended text,
  attempt int not null,
  token text,
  next_attempt int,
  next_token text,
  intent_id text,
  past_intents text[] not null,
  client_secret text,
  failure_reason text,
  failure_code text,
  refunded bigint not null,
  dispute jsonb,
  cause text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 70);
-- The reconciler's: a payment at rest is not in it.
create index payments_open on payments (updated_at)
  where status in ('AUTHORIZING', 'REQUIRES_ACTION', 'CAPTURING', 'CLOSING', 'VOIDING', 'REFUNDING');
-- Refunds and disputes that are made at the provider name its intent only.
create index payments_intent on payments (intent_id) where intent_id is not null;

-- Captures at the provider that no payment owns and that could not be adopted: staff must see to that money.
create table parked_intents (
  intent_id text primary key,
  order_id text not null,
  amount bigint,
  currency text,
  reason text not null,
  found_at timestamptz not null default now(),
  tried_at timestamptz not null default now(),
  -- Since when nothing is left to do about it.
  resolved_at timestamptz
);
create index parked_intents_open on parked_intents (tried_at) where resolved_at is null;

-- The provider's events that were handled: written before a webhook is answered, so that an event has its effect once. With a
-- failure, the event is parked instead, until a later try handles it.
create table provider_events (
  id text primary key,
  received_at timestamptz not null default now(),
  failure text,
  tried_at timestamptz
);
create index provider_events_age on provider_events using brin (received_at);
create index provider_events_parked on provider_events (tried_at) where failure is not null;

-- One row: the mark of our intents at the provider, and the cursors up to which its intents and events are accounted for. They
-- count in the provider's seconds. They begin by our clock, so a day back: no clock is wrong by more.
create table provider (
  is_only boolean primary key default true check (is_only),
  shop text not null default gen_random_uuid()::text,
  intents_until bigint not null default extract(epoch from now())::bigint - 86400,
  events_until bigint not null default extract(epoch from now())::bigint - 86400,
  due_at timestamptz not null default now()
);
insert into provider default values;
