-- Each act is one call, so that it can't be torn and a hot row is held for as short as can be.
-- Each act locks in one order: reservation, stock by SKU and warehouse, item by SKU. So two acts never deadlock; acts on
-- many orders that share a transaction can, and are then done again, at last each by itself.

-- Row by row through the keys, on purpose: a plan over sets that was made while the tables were empty reads all of them
-- until the next ANALYZE.

create function lock_stock(skus text[]) returns void language plpgsql as $$
declare
  the_sku text;
begin
  for the_sku in select distinct unnest(skus) order by 1 loop
    perform from stock where sku = the_sku order by warehouse_code for update;
  end loop;
end $$;

-- Raises the version of the items and tells what can be bought of them. Call it with their stock locked.
create function tell_stock(skus text[]) returns jsonb language plpgsql as $$
declare
  the_sku text;
  item items;
  told jsonb := '[]';
begin
  for the_sku in select distinct unnest(skus) order by 1 loop
    update items set version = version + 1 where sku = the_sku returning * into item;
    told := told || jsonb_build_object(
      'sku', the_sku, 'variantId', item.variant_id, 'productId', item.product_id, 'version', item.version,
      'available', (select sum(on_hand - reserved) from stock where sku = the_sku));
  end loop;
  return told;
end $$;

-- All lines or none. Asked again, it answers again and changes nothing. Lines: [{ lineId, sku, quantity }].
create function reserve_stock(the_order text, destination text, lines jsonb) returns jsonb language plpgsql as $$
declare
  skus text[];
  missing_lines jsonb;
  senders text[];
  line record;
  place record;
  missing int;
  taken int;
  sends int := 0;
begin
  insert into reservations (order_id, status) values (the_order, 'RESERVED') on conflict do nothing;
  if not found then
    return answer_again(the_order);
  end if;
  skus := array(select each ->> 'sku' from jsonb_array_elements(lines) each);
  perform lock_stock(skus);

  select jsonb_agg(jsonb_build_object('lineId', line_id, 'sku', sku, 'requested', quantity,
      'available', greatest(free - units_before, 0)) order by turn)
    into missing_lines
  from lines_in_units(lines)
  cross join lateral (
    select coalesce(sum(on_hand - reserved), 0) as free from stock where stock.sku = lines_in_units.sku
  ) there
  where units_before + quantity > free;
  if missing_lines is not null then
    update reservations set status = 'FAILED', shortages = missing_lines where order_id = the_order;
    return answer_again(the_order);
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
      sends := sends + 1;
      insert into allocations (order_id, line_id, warehouse_code, sku, quantity, turn)
      values (the_order, line.line_id, place.code, line.sku, taken, sends);
      missing := missing - taken;
      exit when missing = 0;
    end loop;
  end loop;
  return answer_again(the_order) || jsonb_build_object('stock', tell_stock(skus));
end $$;

-- What was answered when the order asked for its stock.
create function answer_again(the_order text) returns jsonb language plpgsql as $$
declare
  held reservations;
begin
  select * into held from reservations where order_id = the_order;
  return case held.status
    when 'FAILED' then jsonb_build_object('outcome', 'failed', 'version', 1, 'shortages', held.shortages)
    when 'RELEASED' then jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_RELEASED')
    else jsonb_build_object('outcome', 'reserved', 'version', 1, 'stock', '[]'::jsonb, 'allocations', (
      select jsonb_agg(jsonb_build_object('lineId', line_id, 'sku', sku, 'warehouseCode', warehouse_code,
        'warehouseCountry', country, 'quantity', quantity) order by turn)
      from allocations join warehouses on code = warehouse_code
      where order_id = the_order))
    end;
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

-- Gives back what was reserved or sold, once; asked again, it answers again. Before the reservation it leaves a mark that keeps it from coming.
create function release_stock(the_order text) returns jsonb language plpgsql as $$
declare
  held reservations;
  is_sold boolean;
  skus text[];
  part record;
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
  is_sold := held.status = 'SOLD';
  skus := array(select sku from allocations where order_id = the_order);
  perform lock_stock(skus);
  for part in select sku, warehouse_code, quantity from allocations where order_id = the_order loop
    if is_sold then
      update stock set on_hand = on_hand + part.quantity, sold = sold - part.quantity
      where sku = part.sku and warehouse_code = part.warehouse_code;
    else
      update stock set reserved = reserved - part.quantity
      where sku = part.sku and warehouse_code = part.warehouse_code;
    end if;
  end loop;
  update reservations set status = 'RELEASED', version = version + 1, was_sold = is_sold, changed_at = now()
  where order_id = the_order;
  return jsonb_build_object(
    'outcome', 'released', 'version', held.version + 1, 'wasSold', is_sold, 'stock', tell_stock(skus));
end $$;
