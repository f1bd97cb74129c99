-- Staff plan sales here. Each act locks in the order of this folder: sale, ticket, stock by SKU and warehouse, item by SKU.

-- Sets aside units of a SKU whose stock is locked, from the warehouses with the most; numbered from `first_unit` on. The caller
-- has checked that there are as many.
create or replace function set_aside_units(the_sale text, the_sku text, wanted int, first_unit int) returns void
language plpgsql as $$
declare
  place record;
  missing int := wanted;
  next_unit int := first_unit;
  taken int;
begin
  for place in
    select warehouse_code, on_hand - reserved - flash as free from stock
    where sku = the_sku and on_hand - reserved - flash > 0 order by free desc, warehouse_code
  loop
    exit when missing = 0;
    taken := least(missing, place.free);
    update stock set flash = flash + taken where sku = the_sku and warehouse_code = place.warehouse_code;
    insert into flash_units (sale_id, unit, sku, warehouse_code)
    select the_sale, number, the_sku, place.warehouse_code from generate_series(next_unit, next_unit + taken - 1) number;
    next_unit := next_unit + taken;
    missing := missing - taken;
  end loop;
end $$;

-- Puts free units of a sale back into the ordinary stock, the last ones first; `units` of them, or all.
create or replace function put_units_back(the_sale text, units int) returns void language plpgsql
set enable_seqscan = off as $$
declare
  place record;
begin
  for place in
    with back as (
      update flash_units set status = 'BACK' where sale_id = the_sale and unit in (
        select unit from flash_units where sale_id = the_sale and ticket_id is null and status = 'SET_ASIDE'
        order by unit desc limit units
      ) returning sku, warehouse_code
    )
    select sku, warehouse_code, count(*)::int as units from back group by sku, warehouse_code order by sku, warehouse_code
  loop
    update stock set flash = flash - place.units where sku = place.sku and warehouse_code = place.warehouse_code;
  end loop;
end $$;

-- Another sale of the SKU whose time overlaps.
create or replace function overlapping_sale(the_sku text, but_not text, starts timestamptz, ends timestamptz) returns text
language sql stable as $$
  select id from flash_sales
  where sku = the_sku and id <> but_not and closed_at is null and starts_at < ends and ends_at > starts
  order by starts_at limit 1
$$;

-- Plans a sale: its units leave the ordinary stock. Answers it, and the stock that changed; or why not.
create or replace function create_flash_sale(input jsonb) returns jsonb language plpgsql as $$
declare
  the_sku constant text := input ->> 'sku';
  wanted constant int := (input ->> 'units')::int;
  starts constant timestamptz := (input ->> 'startsAt')::timestamptz;
  ends constant timestamptz := (input ->> 'endsAt')::timestamptz;
  free int;
  other text;
  sale flash_sales;
begin
  perform lock_stock(array[the_sku]);
  if not exists (select from items where sku = the_sku) then
    return jsonb_build_object('refused', 'UNKNOWN_SKU');
  end if;
  if ends <= clock_timestamp() then
    return jsonb_build_object('refused', 'ENDS_IN_THE_PAST', 'now', clock_timestamp());
  end if;
  other := overlapping_sale(the_sku, '', starts, ends);
  if other is not null then
    return jsonb_build_object('refused', 'OVERLAPS', 'saleId', other);
  end if;
  select sum(on_hand - reserved - flash) into free from stock where sku = the_sku;
  if wanted > coalesce(free, 0) then
    return jsonb_build_object('refused', 'OUT_OF_STOCK', 'available', coalesce(free, 0));
  end if;
  insert into flash_sales (id, sku, price, units_total, units_free, per_customer_limit, starts_at, ends_at, hold_seconds,
    outside_sale, vip_ratio, standard_ratio, line_factor, line_floor, created_by)
  values (input ->> 'id', the_sku, input -> 'price', wanted, wanted, (input ->> 'perCustomerLimit')::int, starts, ends,
    (input ->> 'holdSeconds')::int, input ->> 'outsideSale', (input -> 'lineRatio' ->> 'vip')::int,
    (input -> 'lineRatio' ->> 'standard')::int, (input ->> 'lineFactor')::int, (input ->> 'lineFloor')::int,
    input ->> 'createdBy')
  returning * into sale;
  perform set_aside_units(sale.id, the_sku, wanted, 1);
  return jsonb_build_object('saleId', sale.id, 'stock', raise_versions(array[the_sku]));
end $$;

-- Changes a sale that has not begun; of one that has, or is called off, `outsideSale` alone.
create or replace function change_flash_sale(the_sale text, input jsonb) returns jsonb language plpgsql as $$
declare
  sale flash_sales;
  more int;
  free int;
  other text;
  states jsonb := '[]';
begin
  select * into sale from flash_sales where id = the_sale for update;
  if not found then
    return jsonb_build_object('refused', 'UNKNOWN_SALE');
  end if;
  if (sale.starts_at <= clock_timestamp() or sale.closed_at is not null) and (input - 'outsideSale') <> '{}' then
    return jsonb_build_object('refused', 'HAS_BEGUN');
  end if;
  sale.starts_at := coalesce((input ->> 'startsAt')::timestamptz, sale.starts_at);
  sale.ends_at := coalesce((input ->> 'endsAt')::timestamptz, sale.ends_at);
  if input ?| array['startsAt', 'endsAt'] then
    if sale.ends_at <= sale.starts_at or sale.ends_at > sale.starts_at + interval '30 days' then
      return jsonb_build_object('refused', 'BAD_TIMES');
    end if;
    if sale.ends_at <= clock_timestamp() then
      return jsonb_build_object('refused', 'ENDS_IN_THE_PAST');
    end if;
    -- One plan of a SKU after the other, so that each sees the times of those before.
    perform lock_stock(array[sale.sku]);
    other := overlapping_sale(sale.sku, sale.id, sale.starts_at, sale.ends_at);
    if other is not null then
      return jsonb_build_object('refused', 'OVERLAPS', 'saleId', other);
    end if;
  end if;
  more := coalesce((input ->> 'units')::int, sale.units_total) - sale.units_total;
  if more <> 0 then
    perform lock_stock(array[sale.sku]);
    select sum(on_hand - reserved - flash) into free from stock where sku = sale.sku;
    if more > free then
      return jsonb_build_object('refused', 'OUT_OF_STOCK', 'available', free + sale.units_total);
    end if;
    if more > 0 then
      perform set_aside_units(the_sale, sale.sku, more,
        (select coalesce(max(unit), 0) + 1 from flash_units where sale_id = the_sale));
    else
      perform put_units_back(the_sale, -more);
      delete from flash_units where sale_id = the_sale and status = 'BACK';
    end if;
    states := raise_versions(array[sale.sku]);
  end if;
  update flash_sales set starts_at = sale.starts_at, ends_at = sale.ends_at,
    units_total = units_total + more, units_free = units_free + more,
    price = coalesce(input -> 'price', price),
    per_customer_limit = coalesce((input ->> 'perCustomerLimit')::int, per_customer_limit),
    hold_seconds = coalesce((input ->> 'holdSeconds')::int, hold_seconds),
    outside_sale = coalesce(input ->> 'outsideSale', outside_sale),
    vip_ratio = coalesce((input -> 'lineRatio' ->> 'vip')::int, vip_ratio),
    standard_ratio = coalesce((input -> 'lineRatio' ->> 'standard')::int, standard_ratio),
    line_factor = coalesce((input ->> 'lineFactor')::int, line_factor),
    line_floor = coalesce((input ->> 'lineFloor')::int, line_floor),
    version = version + 1
  where id = the_sale;
  return jsonb_build_object('saleId', the_sale, 'stock', states);
end $$;

-- Ends a sale now, or calls it off before it begins.
create or replace function end_flash_sale(the_sale text) returns jsonb language plpgsql as $$
declare
  sale flash_sales;
  closed jsonb;
begin
  select * into sale from flash_sales where id = the_sale for update;
  if not found then
    return jsonb_build_object('refused', 'UNKNOWN_SALE');
  elsif sale.closed_at is not null then
    return jsonb_build_object('saleId', the_sale, 'stock', '[]'::jsonb);
  end if;
  closed := close_flash_sale(the_sale);
  return jsonb_build_object('saleId', the_sale, 'stock', closed -> 'stock');
end $$;

-- The final answer to all that wait, in one statement, and the free units back into the ordinary stock. The caller has locked
-- the sale. Holds last until their own end.
create or replace function close_flash_sale(the_sale text) returns jsonb language plpgsql as $$
declare
  the_now constant timestamptz := clock_timestamp();
  sale flash_sales;
  states jsonb := '[]';
begin
  select * into sale from flash_sales where id = the_sale;
  update flash_tickets set status = 'SOLD_OUT', ended_at = the_now, counter = counter + 1
  where sale_id = the_sale and status = 'WAITING';
  if sale.units_free > 0 then
    perform lock_stock(array[sale.sku]);
    perform put_units_back(the_sale, null);
    states := raise_versions(array[sale.sku]);
  end if;
  update flash_sales set closed_at = the_now, ends_at = least(ends_at, the_now), units_free = 0, waiting = 0,
    version = version + 1
  where id = the_sale;
  return jsonb_build_object('stock', states);
end $$;
