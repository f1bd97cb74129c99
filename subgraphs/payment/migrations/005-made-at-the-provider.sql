-- Refunds and disputes that are made at the provider name its intent only.
create index payments_intent on payments (intent_id) where intent_id is not null;
alter table payments add column dispute jsonb;
-- The events' cursor, in the provider's seconds as well. What was made there before this release is in none of our figures:
-- as far back as the provider lists events.
alter table provider add column events_until bigint not null default extract(epoch from now())::bigint - 86400;
update provider set events_until = extract(epoch from now())::bigint - 29 * 86400;
