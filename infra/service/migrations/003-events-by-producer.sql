-- Who has said the event: another service may say one of its own under the same id. Null in what an earlier release wrote.
alter table inbox add column producer text;

-- Events whose ids stood in the inbox already, for an event of another service.
create table inbox_beside (
  event_id uuid not null,
  producer text not null,
  handled_at timestamptz not null default now(),
  primary key (event_id, producer)
);
create index inbox_beside_age on inbox_beside using brin (handled_at);
