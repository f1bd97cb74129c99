-- Each act is one call, so that it can't be torn and a hot row is held for as short as can be.
-- Everyone locks in one order: reservation, stock by SKU and warehouse, item by SKU. So nobody deadlocks.

create function lock_stock(skus text[]) returns void language plpgsql as $$
begin
  perform from stock where sku = any (skus) order by sku, warehouse_code for update;
end $$;

-- Raises the version of the items and tells what can be bought of them. Call it with their stock locked.
create function tell_stock(skus text[]) returns jsonb language plpgsql as $$
declare
  told jsonb;
begin
  with changed as (
    update items set version = version + 1
    from (select sku from items where sku = any (skus) order by sku for update) as locked
    where items.sku = locked.sku
    returning items.sku, variant_id, product_id, version
  )
  select jsonb_agg(jsonb_build_object(
      'sku', sku, 'variantId', variant_id, 'productId', product_id, 'version', version,
      'available', (select sum(on_hand - reserved) from stock where stock.sku = changed.sku)) order by sku)
    into told
  from changed;
  return told;
end $$;

-- All lines or none. Lines: [{ lineId, sku, quantity }]. Reads go through indexes one row at a time on purpose:
-- as one statement over sets the planner guesses hundreds of lines and reads the whole table.
create function reserve_stock(the_order text, destination text, lines jsonb) returns jsonb language plpgsql as $$
declare
  skus text[];
  shortages jsonb;
  senders text[];
  line record;
  place record;
  missing int;
  taken int;
  reserved_lines jsonb := '[]';
begin
  insert into reservations (order_id, status) values (the_order, 'RESERVED') on conflict do nothing;
  if not found then
    return (select jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_' || status)
            from reservations where order_id = the_order);
  end if;
  skus := array(select distinct each ->> 'sku' from jsonb_array_elements(lines) each);
  perform lock_stock(skus);

  select jsonb_agg(jsonb_build_object('lineId', line_id, 'sku', sku, 'requested', quantity,
      'available', greatest(free - units_before, 0)) order by turn)
    into shortages
  from lines_in_units(lines)
  cross join lateral (
    select coalesce(sum(on_hand - reserved), 0) as free from stock where stock.sku = lines_in_units.sku
  ) there
  where units_before + quantity > free;
  if shortages is not null then
    update reservations set status = 'FAILED' where order_id = the_order;
    return jsonb_build_object('outcome', 'failed', 'version', 1, 'shortages', shortages);
  end if;

  -- Best first: who can send it all, then who stands in the country that it goes to.
  senders := array(
    select code from warehouses order by
      exists (
        select from lines_in_units(lines) wanted where units_before + quantity > coalesce(
          (select on_hand - reserved from stock where stock.sku = wanted.sku and warehouse_code = code), 0)),
      country <> destination, rank);
  for line in select * from lines_in_units(lines) order by turn loop
    missing := line.quantity;
    for place in
      select code, country, on_hand - reserved as free from stock
      join warehouses on code = warehouse_code
      where sku = line.sku and on_hand > reserved
      order by array_position(senders, code)
    loop
      taken := least(missing, place.free);
      update stock set reserved = reserved + taken where sku = line.sku and warehouse_code = place.code;
      insert into allocations (order_id, line_id, warehouse_code, sku, quantity)
      values (the_order, line.line_id, place.code, line.sku, taken);
      reserved_lines := reserved_lines || jsonb_build_object('lineId', line.line_id, 'sku', line.sku,
        'warehouseCode', place.code, 'warehouseCountry', place.country, 'quantity', taken);
      missing := missing - taken;
      exit when missing = 0;
    end loop;
  end loop;
  return jsonb_build_object(
    'outcome', 'reserved', 'version', 1, 'allocations', reserved_lines, 'stock', tell_stock(skus));
end $$;

-- The lines, each with the units of its SKU that the lines before it want.
create function lines_in_units(lines jsonb)
returns table (turn bigint, line_id text, sku text, quantity int, units_before bigint)
language sql immutable rows 3 as $$
  select turn, line ->> 'lineId', line ->> 'sku', (line ->> 'quantity')::int,
    sum((line ->> 'quantity')::int) over (partition by line ->> 'sku' order by turn) - (line ->> 'quantity')::int
  from jsonb_array_elements(lines) with ordinality as given (line, turn)
$$;

-- What was reserved leaves the shelves; what can be bought stays as it is.
create function sell_stock(the_order text) returns jsonb language plpgsql as $$
declare
  was text;
  part record;
begin
  select status into was from reservations where order_id = the_order for update;
  if was is null or was = 'FAILED' then
    return jsonb_build_object('outcome', 'parked', 'reason', 'CONFIRMED_WITHOUT_RESERVATION');
  elsif was <> 'RESERVED' then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_' || was);
  end if;
  perform lock_stock(array(select sku from allocations where order_id = the_order));
  for part in select sku, warehouse_code, quantity from allocations where order_id = the_order loop
    update stock set
      on_hand = on_hand - part.quantity, reserved = reserved - part.quantity, sold = sold + part.quantity
    where sku = part.sku and warehouse_code = part.warehouse_code;
  end loop;
  update reservations set status = 'SOLD', version = version + 1, changed_at = now() where order_id = the_order;
  return jsonb_build_object('outcome', 'sold');
end $$;

-- Gives back what was reserved or sold, once. Before the reservation it leaves a mark that keeps it from coming.
create function release_stock(the_order text) returns jsonb language plpgsql as $$
declare
  was text;
  new_version int;
  skus text[];
  part record;
begin
  insert into reservations (order_id, status) values (the_order, 'RELEASED') on conflict do nothing;
  if found then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'NOTHING_RESERVED_YET');
  end if;
  select status into was from reservations where order_id = the_order for update;
  if was not in ('RESERVED', 'SOLD') then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_' || was);
  end if;
  skus := array(select distinct sku from allocations where order_id = the_order);
  perform lock_stock(skus);
  for part in select sku, warehouse_code, quantity from allocations where order_id = the_order loop
    if was = 'SOLD' then
      update stock set on_hand = on_hand + part.quantity, sold = sold - part.quantity
      where sku = part.sku and warehouse_code = part.warehouse_code;
    else
      update stock set reserved = reserved - part.quantity
      where sku = part.sku and warehouse_code = part.warehouse_code;
    end if;
  end loop;
  update reservations set status = 'RELEASED', version = version + 1, changed_at = now()
  where order_id = the_order returning version into new_version;
  return jsonb_build_object(
    'outcome', 'released', 'version', new_version, 'wasSold', was = 'SOLD', 'stock', tell_stock(skus));
end $$;
