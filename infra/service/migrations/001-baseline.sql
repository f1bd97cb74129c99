-- Tables that every service has. Applied by the kit before the service's own migrations.

-- Events that are committed and not yet acknowledged by JetStream. `chain` keeps the order of one saga or aggregate.
create table outbox (
  seq bigint generated always as identity primary key,
  event_id uuid not null,
  chain text not null,
  subject text not null,
  body text not null
);

-- Events that JetStream has acknowledged, kept for republishing when the stream was lost or cut. `stream_seq` is the event's
-- place in the stream, null until it is known; what lies beyond what the stream holds was lost.
create table outbox_log (
  published_no bigint generated always as identity primary key,
  event_id uuid not null,
  chain text not null,
  subject text not null,
  body text not null,
  published_at timestamptz not null default now(),
  stream_seq bigint
);
create index outbox_log_event on outbox_log (event_id);
create index outbox_log_age on outbox_log using brin (published_at);
create index outbox_log_stream_seq on outbox_log (stream_seq);

-- The stream as the relay knew it last: when it was made, the highest sequence that it acknowledged, how many events it had
-- deleted from within, and which part of the log is being published again.
create table relay_position (
  is_only boolean primary key default true check (is_only),
  stream_created text not null,
  acked_seq bigint not null,
  deleted bigint not null default 0,
  republishing jsonb
);

-- Events that this service has handled: none has its effect twice. The producer belongs to the key: the id is the producer's
-- to choose, so that events of two services may bear the same one.
create table inbox (
  event_id uuid not null,
  producer text not null,
  handled_at timestamptz not null default now(),
  primary key (event_id, producer)
);
create index inbox_age on inbox using brin (handled_at);

-- Events that could not be handled. An operator who has mended the cause sets `replay_requested`: the service handles the event
-- again within seconds. `is_unverified`: the body could not be read, or is not what its subject says; a replay checks it
-- against its subject first.
create table dead_letters (
  event_id uuid primary key,
  subject text not null,
  body text not null,
  reason text not null,
  attempts int not null,
  dead_lettered_at timestamptz not null default now(),
  replay_requested boolean not null default false,
  is_unverified boolean not null default false
);
create index dead_letters_replay_requested on dead_letters (dead_lettered_at) where replay_requested;

-- Events of the service's consumer that the release which received them does not handle: another release handles them.
create table unhandled_events (
  id uuid primary key,
  type text not null,
  subject text not null,
  body text not null,
  noted_at timestamptz not null default now()
);
create index unhandled_events_type on unhandled_events (type, noted_at);

-- When each of the service's consumers was made: a newer one was lost and made again meanwhile.
create table known_consumers (
  consumer text primary key,
  created text not null
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
