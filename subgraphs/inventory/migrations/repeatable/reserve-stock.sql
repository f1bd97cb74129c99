-- Reserves all lines of an order or none. Lines: [{ lineId, sku, quantity }]; rules: { percent, units, lastUnits }. A repeated
-- request of the same turn gets the same answer again; one of a later turn reserves anew what was yielded.
-- The locked rows are read once and decided on in memory: a statement within a function costs as much as a hundred of its
-- expressions.
-- A line that a flash-sale ticket buys ({ ticketId, lineId }) takes the ticket's unit, or fails if the ticket holds none for this
-- order; it counts neither as ordinary stock nor as held and unpaid.
create or replace function reserve_stock(the_order text, destination text, lines jsonb, the_turn int, is_unpaid boolean,
  rules jsonb, flash_line jsonb) returns jsonb language plpgsql as $$
declare
  last_line constant int := jsonb_array_length(lines) - 1;
  wanted_share constant text := case when is_unpaid then 'unpaid' else 'keepable' end;
  earlier reservations;
  -- By SKU: free units in all and in each warehouse, and units held for orders that are not being paid.
  free jsonb;
  -- By SKU: units of all lines so far, and units that may be held; then the number of SKUs with a single unit.
  wanted jsonb := '{}';
  holdable jsonb := '{}';
  last_units int := 0;
  may_be_held boolean := the_turn = 1;
  missing_lines jsonb := '[]';
  ranked text[] := '{}';
  countries jsonb := '{}';
  warehouse record;
  line jsonb;
  the_sku text;
  code text;
  before int;
  missing int;
  units int;
  taken int;
  the_version int := 1;
  item record;
  parts jsonb := '[]';
  states jsonb := '[]';
  held_unit flash_units;
begin
  insert into reservations (order_id, status, turn) values (the_order, 'RESERVED', the_turn) on conflict do nothing;
  if not found then
    select * into earlier from reservations where order_id = the_order for update;
    if the_turn <= earlier.turn or earlier.status not in ('RESERVED', 'YIELDED') then
      return reservation_answer(the_order);
    end if;
    the_version := earlier.version + 1;
    update reservations set status = 'RESERVED', turn = the_turn, version = the_version, changed_at = now()
    where order_id = the_order;
    -- The stock to yield is still reserved; StockYielded of the earlier turn comes too late and is ignored.
    if earlier.status = 'RESERVED' then
      return reservation_answer(the_order);
    end if;
  end if;
  if flash_line is not null then
    held_unit := lock_flash_hold(the_order, flash_line ->> 'ticketId');
  end if;
  -- In order of SKU and warehouse, like all acts that lock stock.
  select coalesce(jsonb_object_agg(sku, places), '{}') into free from (
    select sku, jsonb_build_object('all', sum(on_hand - reserved - flash), 'unpaid', sum(unpaid), 'keepable', sum(keepable),
      'in', jsonb_object_agg(warehouse_code, on_hand - reserved - flash)) as places
    from (
      select held.* from (select distinct each ->> 'sku' as sku from jsonb_array_elements(lines) each order by 1) wanted_skus
      cross join lateral (
        select sku, warehouse_code, on_hand, reserved, flash, unpaid, keepable from stock where stock.sku = wanted_skus.sku
        order by warehouse_code for update
      ) held
    ) locked group by sku
  ) by_sku;

  for at in 0 .. last_line loop
    line := lines -> at;
    the_sku := line ->> 'sku';
    if line ->> 'lineId' = flash_line ->> 'lineId' then
      if held_unit.sku is distinct from the_sku or (line ->> 'quantity')::int <> 1 then
        missing_lines := missing_lines || jsonb_build_object('lineId', line ->> 'lineId', 'sku', the_sku,
          'requested', (line ->> 'quantity')::int, 'available', 0);
      end if;
      continue;
    end if;
    before := coalesce((wanted ->> the_sku)::int, 0);
    units := coalesce((free -> the_sku ->> 'all')::int, 0) - before;
    if not holdable ? the_sku then
      if (free -> the_sku ->> 'all')::int + (free -> the_sku ->> 'unpaid')::int + (free -> the_sku ->> 'keepable')::int = 1
      then
        last_units := last_units + 1;
      end if;
      holdable := holdable || jsonb_build_object(the_sku, case
        when last_units > (rules ->> 'lastUnits')::int and units = 1 then 0
        else holdable_units(free -> the_sku, wanted_share, rules) end);
    end if;
    if (line ->> 'quantity')::int > units then
      missing_lines := missing_lines || jsonb_build_object('lineId', line ->> 'lineId', 'sku', the_sku,
        'requested', (line ->> 'quantity')::int, 'available', greatest(units, 0));
    elsif (line ->> 'quantity')::int > (holdable ->> the_sku)::int - before then
      may_be_held := false;
      if is_unpaid then
        missing_lines := missing_lines || jsonb_build_object('lineId', line ->> 'lineId', 'sku', the_sku,
          'requested', (line ->> 'quantity')::int, 'isUnpaidLimit', true,
          'available', greatest((holdable ->> the_sku)::int - before, 0));
      end if;
    end if;
    wanted := wanted || jsonb_build_object(the_sku, before + (line ->> 'quantity')::int);
  end loop;
  if missing_lines <> '[]' then
    update reservations set status = 'FAILED', shortages = missing_lines where order_id = the_order;
    -- A ticket whose order had yielded its other lines: no end of the order would free it, but its hold's end does.
    update flash_tickets set order_id = null where id = flash_line ->> 'ticketId' and order_id = the_order;
    return reservation_answer(the_order);
  end if;

  -- Best first: warehouses that can send the whole order, then those in the country of its destination.
  <<candidates>>
  for warehouse in select * from warehouses order by country <> destination, rank loop
    countries := countries || jsonb_build_object(warehouse.code, warehouse.country);
    ranked := ranked || warehouse.code;
    for at in 0 .. last_line loop
      the_sku := lines -> at ->> 'sku';
      continue when lines -> at ->> 'lineId' = flash_line ->> 'lineId';
      continue candidates when (wanted ->> the_sku)::int > coalesce((free -> the_sku -> 'in' ->> warehouse.code)::int, 0);
    end loop;
    ranked := array[warehouse.code];
    exit;
  end loop;
  for at in 0 .. last_line loop
    line := lines -> at;
    the_sku := line ->> 'sku';
    if line ->> 'lineId' = flash_line ->> 'lineId' then
      perform reserve_flash_unit(the_order, held_unit);
      parts := parts || jsonb_build_object('lineId', line ->> 'lineId', 'sku', the_sku, 'quantity', 1,
        'warehouseCode', held_unit.warehouse_code,
        'warehouseCountry', (select country from warehouses where warehouses.code = held_unit.warehouse_code));
      insert into allocations (order_id, line_id, warehouse_code, sku, quantity, position, ticket_id)
      values (the_order, line ->> 'lineId', held_unit.warehouse_code, the_sku, 1, jsonb_array_length(parts),
        flash_line ->> 'ticketId');
      continue;
    end if;
    missing := (line ->> 'quantity')::int;
    foreach code in array ranked loop
      units := coalesce((free -> the_sku -> 'in' ->> code)::int, 0);
      continue when units = 0;
      taken := least(missing, units);
      update stock set reserved = reserved + taken,
        unpaid = unpaid + case when may_be_held and is_unpaid then taken else 0 end,
        keepable = keepable + case when may_be_held and not is_unpaid then taken else 0 end
      where sku = the_sku and warehouse_code = code;
      free := jsonb_set(free, array[the_sku, 'in', code], to_jsonb(units - taken));
      parts := parts || jsonb_build_object('lineId', line ->> 'lineId', 'sku', the_sku, 'warehouseCode', code,
        'warehouseCountry', countries ->> code, 'quantity', taken);
      insert into allocations (order_id, line_id, warehouse_code, sku, quantity, position)
      values (the_order, line ->> 'lineId', code, the_sku, taken, jsonb_array_length(parts));
      missing := missing - taken;
      exit when missing = 0;
    end loop;
  end loop;
  if may_be_held then
    update reservations set share = wanted_share where order_id = the_order;
  end if;

  for the_sku in select jsonb_object_keys(wanted) order by 1 loop
    update items set version = version + 1 where sku = the_sku returning * into item;
    states := states || jsonb_build_object(
      'sku', the_sku, 'variantId', item.variant_id, 'productId', item.product_id, 'version', item.version,
      'available', (free -> the_sku ->> 'all')::int - (wanted ->> the_sku)::int);
  end loop;
  return jsonb_build_object('outcome', 'reserved', 'version', the_version, 'turn', the_turn, 'mayBeHeld', may_be_held,
    'allocations', parts, 'stock', states);
end $$;

-- The answer to a request of an order that has a reservation already.
create or replace function reservation_answer(the_order text) returns jsonb language plpgsql as $$
declare
  held reservations;
begin
  select * into held from reservations where order_id = the_order;
  return case held.status
    when 'FAILED' then jsonb_build_object('outcome', 'failed', 'version', held.version, 'turn', held.turn,
      'shortages', held.shortages)
    when 'RELEASED' then jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_RELEASED')
    when 'YIELDED' then jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_YIELDED')
    else jsonb_build_object('outcome', 'reserved', 'turn', held.turn, 'mayBeHeld', held.share is not null,
      'version', held.version - case held.status when 'SOLD' then 1 else 0 end, 'stock', '[]'::jsonb,
      'allocations', (
        select jsonb_agg(jsonb_build_object('lineId', line_id, 'sku', sku, 'warehouseCode', warehouse_code,
          'warehouseCountry', country, 'quantity', quantity) order by position)
        from allocations join warehouses on code = warehouse_code
        where order_id = the_order))
    end;
end $$;

-- Units of a SKU that one more order may hold without being paid: a percentage of all units (at most half of few), never
-- the last unit except of a single one, and no more than are free. Units that are held of the share already count against it.
create or replace function holdable_units(level jsonb, share text, rules jsonb) returns int language plpgsql immutable as $$
declare
  free constant int := coalesce((level ->> 'all')::int, 0);
  held constant int := coalesce((level ->> 'unpaid')::int + (level ->> 'keepable')::int, 0);
  total constant int := free + held;
begin
  return greatest(0, least(free, greatest(1, total - 1) - held,
    greatest(1, total * (rules ->> 'percent')::int / 100, least((rules ->> 'units')::int, total / 2))
      - coalesce((level ->> share)::int, 0)));
end $$;
