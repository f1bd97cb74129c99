-- What order said last about holding what has not left; it may come before the confirmation.
alter table deliveries add column hold jsonb;
alter table deliveries drop constraint deliveries_status_check;
alter table deliveries add constraint deliveries_status_check
  check (status in ('UNCONFIRMED', 'BOOKING', 'BOOKED', 'FAILED', 'CANCELLED'));
