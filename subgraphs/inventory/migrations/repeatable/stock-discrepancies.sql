-- Invariant I1: rows of stock that disagree with the ledger, with the reservations or with the flash sales' units. It must be empty.
create or replace view stock_discrepancies as
select stock.sku, stock.warehouse_code, on_hand, reserved, sold, unpaid, keepable, booked, allocated, allocated_sold, flash,
  set_aside
from stock
left join lateral (
  select coalesce(sum(delta), 0) as booked from stock_movements m
  where (m.sku, m.warehouse_code) = (stock.sku, stock.warehouse_code)
) ledger on true
left join (
  select sku, warehouse_code,
    sum(quantity) filter (where status = 'RESERVED') as allocated,
    sum(quantity) filter (where status = 'RESERVED' and share = 'unpaid' and ticket_id is null) as allocated_unpaid,
    sum(quantity) filter (where status = 'RESERVED' and share = 'keepable' and ticket_id is null) as allocated_keepable,
    sum(quantity) filter (where status = 'SOLD') as allocated_sold
  from allocations join reservations using (order_id)
  group by sku, warehouse_code
) orders using (sku, warehouse_code)
left join (
  select sku, warehouse_code, count(*) as set_aside from flash_units where status = 'SET_ASIDE' group by sku, warehouse_code
) sales using (sku, warehouse_code)
where on_hand + sold <> booked
  or reserved <> coalesce(allocated, 0)
  or unpaid <> coalesce(allocated_unpaid, 0)
  or keepable <> coalesce(allocated_keepable, 0)
  or sold <> coalesce(allocated_sold, 0)
  or flash <> coalesce(set_aside, 0);
