-- Where in the stream each event of the log lies; null until known. What lies beyond what the stream holds was lost.
alter table outbox_log add column stream_seq bigint;
create index outbox_log_stream_seq on outbox_log (stream_seq);

-- The stream as the relay knew it last: when it was made, the highest sequence that it acknowledged, and what of the log is
-- being published again.
create table relay_position (
  is_only boolean primary key default true check (is_only),
  stream_created text not null,
  acked_seq bigint not null,
  deleted bigint not null default 0,
  again jsonb
);

-- When each of the service's consumers was made: a newer one was lost and made again meanwhile.
create table consumers_known (
  consumer text primary key,
  created text not null
);

-- Events that the consumer is for and that the release which got them does not handle: another release takes them up.
create table unhandled_events (
  id uuid primary key,
  type text not null,
  subject text not null,
  body text not null,
  noted_at timestamptz not null default now()
);
create index unhandled_events_type on unhandled_events (type, noted_at);

-- It could not be read, or is not what its subject says: asked for again, it is held against its subject first.
alter table dead_letters add column is_unverified boolean not null default false;
