-- Flash sales whose counters disagree with their tickets and units, or that broke a promise. It must be empty.
create or replace view flash_discrepancies as
select sales.id, units_total, units_free, units_sold, waiting, tickets.*, units.*
from flash_sales sales
left join lateral (
  select count(*) filter (where status = 'WAITING') as waiting_tickets,
    count(*) filter (where status = 'HOLDING') as holding_tickets,
    count(*) filter (where status = 'BOUGHT' and returned_at is null) as bought_tickets,
    count(*) filter (where (ended_at is null) <> (status in ('WAITING', 'HOLDING'))) as without_one_end
  from flash_tickets where sale_id = sales.id
) tickets on true
left join lateral (
  select count(*) as units, count(*) filter (where status = 'SET_ASIDE' and ticket_id is null) as free_units,
    count(*) filter (where status = 'SOLD') as sold_units
  from flash_units where sale_id = sales.id
) units on true
where units_free <> free_units or units_sold <> sold_units or units_sold <> bought_tickets or units_total <> units
  or waiting <> waiting_tickets or without_one_end > 0
  or (closed_at is not null and waiting_tickets > 0)
  -- While the sale runs, none waits as long as a unit is free.
  or (closed_at is null and waiting_tickets > 0 and free_units > 0 and ends_at > clock_timestamp());
