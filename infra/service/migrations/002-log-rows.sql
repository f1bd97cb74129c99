-- What was cleared from the outbox at once lies in one row of the log, whose bodies Postgres compresses as one: fewer bytes, and
-- no index entry for each event. A relay of the earlier release that still leads meanwhile can't clear its outbox: its events
-- are published all the same, and once more by the next leader, which JetStream and every inbox drop.
alter table outbox_log rename to outbox_log_before;
alter index outbox_log_age rename to outbox_log_before_age;

create table outbox_log (
  no bigint generated always as identity primary key,
  published_at timestamptz not null default now(),
  -- The events' places in the stream; what lies beyond what the stream holds was lost.
  stream_seqs bigint[] not null,
  lowest_seq bigint not null,
  highest_seq bigint not null,
  subjects text[] not null,
  bodies text[] not null
);

insert into outbox_log (published_at, stream_seqs, lowest_seq, highest_seq, subjects, bodies)
select max(published_at), array_agg(place order by published_no), min(place), max(place),
  array_agg(subject order by published_no), array_agg(body order by published_no)
from (
  select *, coalesce(stream_seq, 0) as place, (row_number() over (order by published_no) - 1) / 100 as part
  from outbox_log_before
) before group by part order by part;
-- The cursor counted in events: what was being published again begins anew.
update relay_position set republishing = jsonb_build_object('kind', 'all', 'after', 0, 'upTo', (select coalesce(max(no), 0) from outbox_log))
where republishing is not null;
drop table outbox_log_before;

create index outbox_log_age on outbox_log using brin (published_at);
create index outbox_log_lowest_seq on outbox_log (lowest_seq);
create index outbox_log_highest_seq on outbox_log (highest_seq);

-- The log event by event.
create view published_events as
select no, place, (body::jsonb ->> 'id')::uuid as event_id,
  coalesce(body::jsonb ->> 'sagaId', body::jsonb -> 'aggregate' ->> 'id') as chain, subject, body, published_at, stream_seq
from outbox_log cross join lateral unnest(stream_seqs, subjects, bodies) with ordinality
  as event (stream_seq, subject, body, place);
