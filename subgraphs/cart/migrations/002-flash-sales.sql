-- The flash sales of a variant by their ids, from inventory's events: { startsAt, endsAt, outsideSale, version }.
alter table variants add column sales jsonb not null default '{}';
