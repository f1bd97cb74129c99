-- Takes the reserved units of an order out of the warehouses; the available units stay as they are.
create or replace function sell_stock(the_order text) returns jsonb language plpgsql as $$
declare
  held reservations;
  ticket flash_tickets;
  flash_change jsonb;
  part record;
begin
  select * into held from reservations where order_id = the_order for update;
  if held.status is null or held.status in ('FAILED', 'YIELDED') then
    return jsonb_build_object('outcome', 'parked', 'reason', 'CONFIRMED_WITHOUT_RESERVATION');
  elsif held.status <> 'RESERVED' then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_' || held.status);
  end if;
  if exists (select from allocations where order_id = the_order and ticket_id is not null) then
    ticket := lock_flash_ticket_of(the_order);
    flash_change := buy_flash_unit(ticket);
  end if;
  -- In order of SKU and warehouse, like all acts that lock stock, so that no earlier statement has to lock it.
  for part in
    select sku, warehouse_code, quantity, ticket_id from allocations where order_id = the_order order by sku, warehouse_code
  loop
    update stock set
      on_hand = on_hand - part.quantity, reserved = reserved - part.quantity, sold = sold + part.quantity,
      unpaid = unpaid - case when held.share = 'unpaid' and part.ticket_id is null then part.quantity else 0 end,
      keepable = keepable - case when held.share = 'keepable' and part.ticket_id is null then part.quantity else 0 end
    where sku = part.sku and warehouse_code = part.warehouse_code;
  end loop;
  update reservations set status = 'SOLD', version = version + 1, share = null, changed_at = now()
  where order_id = the_order;
  return jsonb_build_object('outcome', 'sold', 'flash', flash_change);
end $$;
