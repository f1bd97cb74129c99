-- Tables that every service has. Applied by the kit before the service's own migrations.

-- Events that are committed and not yet acknowledged by JetStream. `chain` keeps the order of one saga or aggregate.
create table outbox (
  seq bigint generated always as identity primary key,
  event_id uuid not null,
  chain text not null,
  subject text not null,
  body text not null
);

-- Events that JetStream has acknowledged, kept for republishing when the stream was lost or cut.
create table outbox_log (
  published_no bigint generated always as identity primary key,
  event_id uuid not null,
  chain text not null,
  subject text not null,
  body text not null,
  published_at timestamptz not null default now()
);
create index outbox_log_event on outbox_log (event_id);
create index outbox_log_age on outbox_log using brin (published_at);

-- Events that this service has acted on: the same one never acts twice.
create table inbox (
  event_id uuid primary key,
  handled_at timestamptz not null default now()
);
create index inbox_age on inbox using brin (handled_at);

-- Events that could not be handled; replayed by hand.
create table dead_letters (
  event_id uuid primary key,
  subject text not null,
  body text not null,
  reason text not null,
  attempts int not null,
  buried_at timestamptz not null default now()
);

-- Calls to outside parties and timers, done after the commit that wrote them.
create table tasks (
  id text primary key,
  kind text not null,
  payload jsonb not null,
  run_at timestamptz not null default now(),
  attempts int not null default 0,
  locked_until timestamptz,
  error text
);
create index tasks_due on tasks (kind, (greatest(run_at, coalesce(locked_until, run_at))));

-- What a mutation answered under its key; written in the transaction of the effect.
create table idempotency (
  caller text not null,
  operation text not null,
  key text not null,
  input_hash text not null,
  answer jsonb,
  created_at timestamptz not null default now(),
  primary key (caller, operation, key)
);
create index idempotency_age on idempotency using brin (created_at);
