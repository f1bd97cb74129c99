-- What orders that nobody is paying at the moment may hold together of a SKU, counted on the rows that reserving, selling
-- and releasing lock and write anyway.
alter table stock
  -- For orders that came without a payment method.
  add column unpaid int not null default 0 check (unpaid >= 0),
  -- For orders with one, as much as they may keep if the attempt fails or waits for the customer.
  add column keepable int not null default 0 check (keepable >= 0),
  add constraint held_units_are_reserved check (unpaid + keepable <= reserved);

alter table reservations
  -- An order that yields its stock and is paid after all reserves anew, under the next turn.
  add column turn int not null default 1,
  -- Which of the two counts its units are in; null for neither.
  add column share text check (share in ('unpaid', 'keepable')),
  drop constraint reservations_status_check,
  add constraint reservations_status_check check (status in ('RESERVED', 'SOLD', 'RELEASED', 'FAILED', 'YIELDED'));

drop view stock_that_does_not_add_up;
create view stock_that_does_not_add_up as
select stock.*, booked, promised, taken
from stock
left join lateral (
  select coalesce(sum(delta), 0) as booked from stock_movements m
  where (m.sku, m.warehouse_code) = (stock.sku, stock.warehouse_code)
) books on true
left join (
  select sku, warehouse_code,
    sum(quantity) filter (where status = 'RESERVED') as promised,
    sum(quantity) filter (where status = 'RESERVED' and share = 'unpaid') as promised_unpaid,
    sum(quantity) filter (where status = 'RESERVED' and share = 'keepable') as promised_keepable,
    sum(quantity) filter (where status = 'SOLD') as taken
  from allocations join reservations using (order_id)
  group by sku, warehouse_code
) orders using (sku, warehouse_code)
where on_hand + sold <> booked
  or reserved <> coalesce(promised, 0)
  or unpaid <> coalesce(promised_unpaid, 0)
  or keepable <> coalesce(promised_keepable, 0)
  or sold <> coalesce(taken, 0);

-- What was answered when the order asked for its stock.
create or replace function answer_again(the_order text) returns jsonb language plpgsql as $$
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
          'warehouseCountry', country, 'quantity', quantity) order by turn)
        from allocations join warehouses on code = warehouse_code
        where order_id = the_order))
    end;
end $$;

-- How many units of a SKU may be set aside for one kind of orders that nobody is paying: a share of what there is (at most
-- half of few), never the last unit but of one, and no more than is free.
create function may_hold(level jsonb, share text, rules jsonb) returns int language plpgsql immutable as $$
declare
  free constant int := coalesce((level ->> 'all')::int, 0);
  held constant int := coalesce((level ->> 'unpaid')::int + (level ->> 'keepable')::int, 0);
  there constant int := free + held;
begin
  return greatest(0, least(free, greatest(1, there - 1) - held,
    greatest(1, there * (rules ->> 'percent')::int / 100, least((rules ->> 'units')::int, there / 2))
      - coalesce((level ->> share)::int, 0)));
end $$;

-- As in 004, for orders that are being paid and for those that are not. Rules: { percent, units, lastUnits }. Asked again
-- under the same turn, it answers again; under a later one it reserves what was yielded anew.
create function reserve_stock(the_order text, destination text, lines jsonb, the_turn int, is_unpaid boolean, rules jsonb)
returns jsonb language plpgsql as $$
declare
  last_line constant int := jsonb_array_length(lines) - 1;
  share_asked constant text := case when is_unpaid then 'unpaid' else 'keepable' end;
  earlier reservations;
  -- By SKU: what is free in all, and in each warehouse, and what is held for orders that nobody is paying.
  free jsonb;
  -- By SKU: the units of all lines so far; how many may be held; and how many SKUs have but one unit.
  wanted jsonb := '{}';
  holdable jsonb := '{}';
  last_units int := 0;
  may_be_held boolean := the_turn = 1;
  missing_lines jsonb := '[]';
  senders text[] := '{}';
  countries jsonb := '{}';
  house record;
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
  told jsonb := '[]';
begin
  insert into reservations (order_id, status, turn) values (the_order, 'RESERVED', the_turn) on conflict do nothing;
  if not found then
    select * into earlier from reservations where order_id = the_order for update;
    if the_turn <= earlier.turn or earlier.status not in ('RESERVED', 'YIELDED') then
      return answer_again(the_order);
    end if;
    the_version := earlier.version + 1;
    update reservations set status = 'RESERVED', turn = the_turn, version = the_version, changed_at = now()
    where order_id = the_order;
    -- What it was to yield is still there; the news of that comes too late to be acted on.
    if earlier.status = 'RESERVED' then
      return answer_again(the_order);
    end if;
  end if;
  -- In order of SKU and warehouse, like everyone who locks stock.
  select coalesce(jsonb_object_agg(sku, places), '{}') into free from (
    select sku, jsonb_build_object('all', sum(on_hand - reserved), 'unpaid', sum(unpaid), 'keepable', sum(keepable),
      'in', jsonb_object_agg(warehouse_code, on_hand - reserved)) as places
    from (
      select held.* from (select distinct each ->> 'sku' as sku from jsonb_array_elements(lines) each order by 1) asked
      cross join lateral (
        select sku, warehouse_code, on_hand, reserved, unpaid, keepable from stock where stock.sku = asked.sku
        order by warehouse_code for update
      ) held
    ) locked group by sku
  ) by_sku;

  for at in 0 .. last_line loop
    line := lines -> at;
    the_sku := line ->> 'sku';
    before := coalesce((wanted ->> the_sku)::int, 0);
    units := coalesce((free -> the_sku ->> 'all')::int, 0) - before;
    if not holdable ? the_sku then
      if (free -> the_sku ->> 'all')::int + (free -> the_sku ->> 'unpaid')::int + (free -> the_sku ->> 'keepable')::int = 1
      then
        last_units := last_units + 1;
      end if;
      holdable := holdable || jsonb_build_object(the_sku, case
        when last_units > (rules ->> 'lastUnits')::int and units = 1 then 0
        else may_hold(free -> the_sku, share_asked, rules) end);
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
    return answer_again(the_order);
  end if;

  -- Best first: who can send it all, then who stands in the country that it goes to.
  <<houses>>
  for house in select * from warehouses order by country <> destination, rank loop
    countries := countries || jsonb_build_object(house.code, house.country);
    senders := senders || house.code;
    for at in 0 .. last_line loop
      the_sku := lines -> at ->> 'sku';
      continue houses when (wanted ->> the_sku)::int > coalesce((free -> the_sku -> 'in' ->> house.code)::int, 0);
    end loop;
    senders := array[house.code];
    exit;
  end loop;
  for at in 0 .. last_line loop
    line := lines -> at;
    the_sku := line ->> 'sku';
    missing := (line ->> 'quantity')::int;
    foreach code in array senders loop
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
      insert into allocations (order_id, line_id, warehouse_code, sku, quantity, turn)
      values (the_order, line ->> 'lineId', code, the_sku, taken, jsonb_array_length(parts));
      missing := missing - taken;
      exit when missing = 0;
    end loop;
  end loop;
  if may_be_held then
    update reservations set share = share_asked where order_id = the_order;
  end if;

  for the_sku in select jsonb_object_keys(wanted) order by 1 loop
    update items set version = version + 1 where sku = the_sku returning * into item;
    told := told || jsonb_build_object(
      'sku', the_sku, 'variantId', item.variant_id, 'productId', item.product_id, 'version', item.version,
      'available', (free -> the_sku ->> 'all')::int - (wanted ->> the_sku)::int);
  end loop;
  return jsonb_build_object('outcome', 'reserved', 'version', the_version, 'turn', the_turn, 'mayBeHeld', may_be_held,
    'allocations', parts, 'stock', told);
end $$;

-- For an instance of the release before, during a rolling restart.
create or replace function reserve_stock(the_order text, destination text, lines jsonb)
returns jsonb language sql as $$
  select reserve_stock(the_order, destination, lines, 1, false, '{"percent": 5, "units": 5, "lastUnits": 1}')
$$;

create or replace function sell_stock(the_order text) returns jsonb language plpgsql as $$
declare
  held reservations;
  part record;
begin
  select * into held from reservations where order_id = the_order for update;
  if held.status is null or held.status in ('FAILED', 'YIELDED') then
    return jsonb_build_object('outcome', 'parked', 'reason', 'CONFIRMED_WITHOUT_RESERVATION');
  elsif held.status <> 'RESERVED' then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_' || held.status);
  end if;
  -- In the order in which everyone locks stock, so that it needn't be locked first.
  for part in
    select sku, warehouse_code, quantity from allocations where order_id = the_order order by sku, warehouse_code
  loop
    update stock set
      on_hand = on_hand - part.quantity, reserved = reserved - part.quantity, sold = sold + part.quantity,
      unpaid = unpaid - case when held.share = 'unpaid' then part.quantity else 0 end,
      keepable = keepable - case when held.share = 'keepable' then part.quantity else 0 end
    where sku = part.sku and warehouse_code = part.warehouse_code;
  end loop;
  update reservations set status = 'SOLD', version = version + 1, share = null, changed_at = now()
  where order_id = the_order;
  return jsonb_build_object('outcome', 'sold');
end $$;

-- Puts what an order has reserved, but not sold, back on sale. Call it with the reservation's row locked.
create function unreserve(the_order text, the_share text) returns jsonb language plpgsql as $$
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
  return tell_stock(skus);
end $$;

create or replace function release_stock(the_order text) returns jsonb language plpgsql as $$
declare
  held reservations;
  is_sold boolean;
  skus text[];
  part record;
  told jsonb;
begin
  insert into reservations (order_id, status) values (the_order, 'RELEASED') on conflict do nothing;
  if found then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'NOTHING_RESERVED_YET');
  end if;
  select * into held from reservations where order_id = the_order for update;
  if held.status = 'YIELDED' then
    -- Its stock is back already; what it asks for under a later turn must not come any more.
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
    told := tell_stock(skus);
  else
    told := unreserve(the_order, held.share);
  end if;
  update reservations set status = 'RELEASED', version = version + 1, was_sold = is_sold, share = null, changed_at = now()
  where order_id = the_order;
  return jsonb_build_object(
    'outcome', 'released', 'version', held.version + 1, 'wasSold', is_sold, 'stock', told);
end $$;

-- Gives back what an order has reserved under this turn, while it stays payable.
create function yield_stock(the_order text, the_turn int) returns jsonb language plpgsql as $$
declare
  held reservations;
  told jsonb;
begin
  select * into held from reservations where order_id = the_order for update;
  if held.status is null then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'NOTHING_RESERVED_YET');
  elsif held.status <> 'RESERVED' then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'ALREADY_' || held.status);
  elsif held.turn <> the_turn then
    return jsonb_build_object('outcome', 'ignored', 'reason', 'ANOTHER_TURN');
  end if;
  told := unreserve(the_order, held.share);
  delete from allocations where order_id = the_order;
  update reservations set status = 'YIELDED', version = version + 1, share = null, changed_at = now()
  where order_id = the_order;
  return jsonb_build_object('outcome', 'yielded', 'stock', told);
end $$;
