-- Who asked for a delivery to be stopped, and why; null unless order had asked. It is what order is told again.
alter table deliveries add column called_off jsonb;
