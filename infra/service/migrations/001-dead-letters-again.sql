-- Set by whoever has mended the cause: the service takes the event up again within seconds.
alter table dead_letters add column asked_again boolean not null default false;
create index dead_letters_asked_again on dead_letters (buried_at) where asked_again;
