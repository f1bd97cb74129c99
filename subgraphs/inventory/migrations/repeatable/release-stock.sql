-- Gives back the reserved units of an order. The caller has locked the reservation.
create or replace function give_back_reserved(the_order text, the_share text) returns jsonb language plpgsql as $$
declare
  skus constant text[] := array(select sku from allocations where order_id = the_order);
  part record;
begin
  perform lock_stock(skus);
  for part in select sku, warehouse_code, quantity from allocations where order_id = the_order loop
    update stock set reserved = reserved - part.quantity,
      unpaid = unpaid - case when the_share = 'unpaid' then part.quantity else 0 end,
      keepable = keepable - case when the_share = 'keepable' then part.quantity else 0 end
    where sku = part.sku and warehouse_code = part.warehouse_code;
  end loop;
  return raise_versions(skus);
end $$;

-- Gives back the reserved or sold units of an order, once; a repeated event gets the same answer again. A release before the
-- reservation leaves a mark that keeps the reservation out.
create or replace function release_stock(the_order text) returns jsonb language plpgsql as $$
declare
  held reservations;
  is_sold boolean;
  skus text[];
  part record;
  states jsonb;
begin
  insert into reservations (order_id, status) values (the_order, 'RELEASED') on conflict do nothing;
  if found then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'NOTHING_RESERVED_YET');
  end if;
  select * into held from reservations where order_id = the_order for update;
  if held.status = 'YIELDED' then
    -- The stock is back already; this keeps a request under a later turn out.
    update reservations set status = 'RELEASED', version = version + 1, was_sold = false, changed_at = now()
    where order_id = the_order;
    return jsonb_build_object(
      'outcome', 'released', 'version', held.version + 1, 'wasSold', false, 'stock', '[]'::jsonb);
  elsif held.status = 'RELEASED' and held.was_sold is not null then
    return jsonb_build_object('outcome', 'released', 'version', held.version, 'wasSold', held.was_sold, 'stock', '[]'::jsonb);
  elsif held.status in ('RELEASED', 'FAILED') then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_' || held.status);
  end if;
  is_sold := held.status = 'SOLD';
  if is_sold then
    skus := array(select sku from allocations where order_id = the_order);
    perform lock_stock(skus);
    for part in select sku, warehouse_code, quantity from allocations where order_id = the_order loop
      update stock set on_hand = on_hand + part.quantity, sold = sold - part.quantity
      where sku = part.sku and warehouse_code = part.warehouse_code;
    end loop;
    states := raise_versions(skus);
  else
    states := give_back_reserved(the_order, held.share);
  end if;
  update reservations set status = 'RELEASED', version = version + 1, was_sold = is_sold, share = null, changed_at = now()
  where order_id = the_order;
  return jsonb_build_object(
    'outcome', 'released', 'version', held.version + 1, 'wasSold', is_sold, 'stock', states);
end $$;

-- Gives back the reserved units of this turn, while the order stays payable.
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
  states := give_back_reserved(the_order, held.share);
  delete from allocations where order_id = the_order;
  update reservations set status = 'YIELDED', version = version + 1, share = null, changed_at = now()
  where order_id = the_order;
  return jsonb_build_object('outcome', 'yielded', 'stock', states);
end $$;
