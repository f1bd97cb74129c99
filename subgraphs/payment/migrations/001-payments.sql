-- One per order, written with the first thing that is heard of the order; so always before the provider is asked.
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
  refunded bigint not null,
  cause text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 70);
-- What the reconciler looks after; at rest a payment is not in it.
create index payments_open on payments (updated_at)
  where status in ('AUTHORIZING', 'REQUIRES_ACTION', 'CAPTURING', 'CLOSING', 'VOIDING', 'REFUNDING');

create table refunds (
  id text primary key,
  payment_id text not null references payments (id),
  amount bigint not null,
  currency text not null,
  reason text not null,
  created_at timestamptz not null default now()
);
create index refunds_payment on refunds (payment_id);

-- Webhooks, durable before they are answered; the same one never acts twice.
create table provider_events (
  id text primary key,
  type text not null,
  intent_id text,
  received_at timestamptz not null default now()
);
create index provider_events_age on provider_events using brin (received_at);

-- One row: whose intents are ours at the provider, and up to which second of creation all of them are accounted for.
create table provider (
  is_only boolean primary key default true check (is_only),
  shop text not null default gen_random_uuid()::text,
  seen_until bigint not null default extract(epoch from now())::bigint,
  due_at timestamptz not null default now()
);
insert into provider default values;
