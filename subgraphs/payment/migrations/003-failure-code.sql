-- What kind of failure the reason speaks of; null in rows of earlier releases.
alter table payments add column failure_code text;
