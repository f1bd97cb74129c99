-- Gives back the reserved units of an order. The caller has locked the reservation, and sale and ticket of a flash unit, which
-- goes back to its sale's stock and stays its ticket's.
create or replace function give_back_reserved(the_order text, the_share text) returns jsonb language plpgsql as $$
declare
  skus constant text[] := array(select sku from allocations where order_id = the_order);
  part record;
begin
  perform lock_stock(skus);
  for part in select sku, warehouse_code, quantity, ticket_id from allocations where order_id = the_order loop
    update stock set reserved = reserved - part.quantity,
      unpaid = unpaid - case when the_share = 'unpaid' and part.ticket_id is null then part.quantity else 0 end,
      keepable = keepable - case when the_share = 'keepable' and part.ticket_id is null then part.quantity else 0 end
    where sku = part.sku and warehouse_code = part.warehouse_code;
    if part.ticket_id is not null then
      perform unreserve_flash_unit(part.ticket_id);
    end if;
  end loop;
  return raise_versions(array(select sku from allocations where order_id = the_order and ticket_id is null));
end $$;

-- Gives back the reserved or sold units of an order, once; a repeated event gets the same answer again. A release before the
-- reservation leaves a mark that keeps the reservation out. `ticket_end`: what the order's flash-sale ticket becomes.
create or replace function release_stock(the_order text, ticket_end text) returns jsonb language plpgsql as $$
declare
  held reservations;
  ticket flash_tickets;
  flash_change jsonb;
  is_sold boolean;
  skus text[];
  part record;
  states jsonb := '[]';
begin
  insert into reservations (order_id, status) values (the_order, 'RELEASED') on conflict do nothing;
  if found then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'NOTHING_RESERVED_YET');
  end if;
  select * into held from reservations where order_id = the_order for update;
  if held.status = 'RELEASED' and held.was_sold is not null then
    return jsonb_build_object('outcome', 'released', 'version', held.version, 'wasSold', held.was_sold, 'stock', '[]'::jsonb);
  elsif held.status in ('RELEASED', 'FAILED') then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_' || held.status);
  end if;
  ticket := lock_flash_ticket_of(the_order);
  is_sold := held.status = 'SOLD';
  if is_sold then
    skus := array(select sku from allocations where order_id = the_order);
    perform lock_stock(skus);
    for part in select sku, warehouse_code, quantity, ticket_id from allocations where order_id = the_order loop
      update stock set on_hand = on_hand + part.quantity, sold = sold - part.quantity
      where sku = part.sku and warehouse_code = part.warehouse_code;
      if part.ticket_id is not null then
        perform unreserve_flash_unit(part.ticket_id);
      end if;
    end loop;
    states := raise_versions(array(select sku from allocations where order_id = the_order and ticket_id is null));
  elsif held.status = 'RESERVED' then
    states := give_back_reserved(the_order, held.share);
  end if;
  -- Of YIELDED stock all is back already; the status keeps a request under a later turn out.
  update reservations set status = 'RELEASED', version = version + 1, was_sold = is_sold, share = null, changed_at = now()
  where order_id = the_order;
  if ticket.id is not null then
    flash_change := end_flash_order(ticket, ticket_end);
    states := states || coalesce(flash_change -> 'stock', '[]');
  end if;
  return jsonb_build_object('outcome', 'released', 'version', held.version + 1, 'wasSold', is_sold, 'stock', states,
    'flash', flash_change);
end $$;

-- Gives back the reserved units of this turn, while the order stays payable. A flash unit stays its ticket's and the ticket the
-- order's, whose end or next turn decides.
create or replace function yield_stock(the_order text, the_turn int) returns jsonb language plpgsql as $$
declare
  held reservations;
  states jsonb;
begin
  select * into held from reservations where order_id = the_order for update;
  if held.status is null then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'NOTHING_RESERVED_YET');
  elsif held.status <> 'RESERVED' then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_' || held.status);
  elsif held.turn <> the_turn then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'ANOTHER_TURN');
  end if;
  perform lock_flash_ticket_of(the_order);
  states := give_back_reserved(the_order, held.share);
  delete from allocations where order_id = the_order;
  update reservations set status = 'YIELDED', version = version + 1, share = null, changed_at = now()
  where order_id = the_order;
  return jsonb_build_object('outcome', 'yielded', 'stock', states);
end $$;
