-- What ends a ticket or gives it a unit. The caller has locked the sale, then the ticket.

-- Gives free units of a running sale to those who wait: the lowest number first, of two lines in the sale's ratio. Answers the
-- ids of the tickets.
create or replace function grant_flash_units(the_sale text) returns text[] language plpgsql set enable_seqscan = off as $$
declare
  the_now constant timestamptz := clock_timestamp();
  sale flash_sales;
  vip record;
  standard record;
  is_contested boolean;
  is_vip boolean;
  next_ticket text;
  next_unit int;
  granted text[] := '{}';
begin
  select * into sale from flash_sales where id = the_sale;
  if the_now < sale.starts_at or the_now >= sale.ends_at or sale.closed_at is not null then
    return granted;
  end if;
  while sale.units_free > 0 and sale.waiting > 0 loop
    select id, number into vip from flash_tickets
    where sale_id = the_sale and line = 'VIP' and status = 'WAITING' order by number limit 1;
    select id, number into standard from flash_tickets
    where sale_id = the_sale and line = 'STANDARD' and status = 'WAITING' order by number limit 1;
    is_contested := vip.id is not null and standard.id is not null;
    is_vip := case when is_contested then sale.contested_grants % (sale.vip_ratio + sale.standard_ratio) < sale.vip_ratio
      else standard.id is null end;
    next_ticket := case when is_vip then vip.id else standard.id end;
    exit when next_ticket is null;
    select unit into next_unit from flash_units
    where sale_id = the_sale and ticket_id is null and status = 'SET_ASIDE' order by unit limit 1;
    exit when next_unit is null;
    sale.units_free := sale.units_free - 1;
    sale.waiting := sale.waiting - 1;
    sale.last_grant := sale.last_grant + 1;
    sale.contested_grants := sale.contested_grants + is_contested::int;
    update flash_tickets set status = 'HOLDING', counter = counter + 1, granted_at = the_now, grant_number = sale.last_grant,
      was_contested = is_contested, unit = next_unit, hold_expires_at = the_now + make_interval(secs => sale.hold_seconds)
    where id = next_ticket;
    update flash_units set ticket_id = next_ticket where sale_id = the_sale and unit = next_unit;
    granted := granted || next_ticket;
  end loop;
  if cardinality(granted) > 0 then
    update flash_sales set units_free = sale.units_free, waiting = sale.waiting, last_grant = sale.last_grant,
      contested_grants = sale.contested_grants, version = version + 1
    where id = the_sale;
  end if;
  return granted;
end $$;

-- Frees a ticket's unit, which lies in stock.flash: it is the next one's, or free; after the sale it is ordinary stock again.
-- Answers the tickets that were granted it, and the stock that changed.
create or replace function free_flash_unit(the_sale text, the_unit int) returns jsonb language plpgsql as $$
declare
  sale flash_sales;
  place flash_units;
  states jsonb := '[]';
  granted text[] := '{}';
begin
  select * into sale from flash_sales where id = the_sale;
  update flash_units set ticket_id = null, status = case when sale.closed_at is null then 'SET_ASIDE' else 'BACK' end
  where sale_id = the_sale and unit = the_unit returning * into place;
  if sale.closed_at is not null then
    perform lock_stock(array[place.sku]);
    update stock set flash = flash - 1 where sku = place.sku and warehouse_code = place.warehouse_code;
    states := raise_versions(array[place.sku]);
  else
    update flash_sales set units_free = units_free + 1, version = version + 1 where id = the_sale;
    granted := grant_flash_units(the_sale);
  end if;
  return jsonb_build_object('granted', to_jsonb(granted), 'stock', states);
end $$;

-- The customer gives up a place in the line, or a hold that is in no order.
create or replace function leave_flash_sale(the_ticket text, the_customer text) returns jsonb language plpgsql as $$
declare
  the_sale text;
  ticket flash_tickets;
  freed jsonb := '{"granted": [], "stock": []}';
begin
  select sale_id into the_sale from flash_tickets where id = the_ticket and customer_id = the_customer;
  if not found then
    return jsonb_build_object('refused', 'UNKNOWN_TICKET');
  end if;
  perform from flash_sales where id = the_sale for update;
  select * into ticket from flash_tickets where id = the_ticket for update;
  if ticket.status = 'HOLDING' and ticket.order_id is not null then
    return jsonb_build_object('refused', 'IN_ORDER', 'orderId', ticket.order_id, 'ticketId', the_ticket);
  elsif ticket.status not in ('WAITING', 'HOLDING') then
    return jsonb_build_object('ticketId', the_ticket, 'saleId', the_sale, 'changed', '[]'::jsonb, 'stock', '[]'::jsonb);
  end if;
  update flash_tickets set status = 'LEFT', ended_at = clock_timestamp(), counter = counter + 1 where id = the_ticket;
  if ticket.status = 'WAITING' then
    update flash_sales set waiting = waiting - 1, version = version + 1 where id = the_sale;
  else
    freed := free_flash_unit(the_sale, ticket.unit);
  end if;
  return jsonb_build_object('ticketId', the_ticket, 'saleId', the_sale,
    'changed', (freed -> 'granted') || to_jsonb(the_ticket), 'stock', freed -> 'stock');
end $$;

-- Ends holds that ran out `grace` ago, and closes sales that are over; sales that are locked are left for the next run. Answers
-- what changed, and how long until the next end.
create or replace function meet_flash_deadlines(grace interval, max_holds int) returns jsonb language plpgsql
set enable_seqscan = off as $$
declare
  the_sale text;
  ticket record;
  freed jsonb;
  tickets jsonb;
  changed jsonb := '[]';
  states jsonb := '[]';
  handled int := 0;
  next_ms float;
begin
  for the_sale in
    select id from (
      select distinct sale_id as id from flash_tickets
      where hold_expires_at <= clock_timestamp() - grace and status = 'HOLDING' and order_id is null
      union select id from flash_sales where closed_at is null and ends_at <= clock_timestamp()
    ) due order by id
  loop
    perform from flash_sales where id = the_sale for update skip locked;
    continue when not found;
    tickets := '[]';
    for ticket in
      select id, unit from flash_tickets
      where sale_id = the_sale and hold_expires_at <= clock_timestamp() - grace and status = 'HOLDING' and order_id is null
      order by hold_expires_at limit max_holds for update skip locked
    loop
      update flash_tickets set status = 'EXPIRED', ended_at = clock_timestamp(), counter = counter + 1 where id = ticket.id;
      freed := free_flash_unit(the_sale, ticket.unit);
      tickets := tickets || to_jsonb(ticket.id) || (freed -> 'granted');
      states := states || (freed -> 'stock');
      handled := handled + 1;
    end loop;
    if exists (select from flash_sales where id = the_sale and closed_at is null and ends_at <= clock_timestamp()) then
      states := states || (close_flash_sale(the_sale) -> 'stock');
      changed := changed || jsonb_build_object('saleId', the_sale, 'isOver', true, 'tickets', tickets);
    else
      changed := changed || jsonb_build_object('saleId', the_sale, 'isOver', false, 'tickets', tickets);
    end if;
  end loop;
  select extract(epoch from min(at) - clock_timestamp()) * 1000 into next_ms from (
    select min(hold_expires_at) + grace as at from flash_tickets where status = 'HOLDING' and order_id is null
    union all select min(ends_at) from flash_sales where closed_at is null
  ) ends;
  return jsonb_build_object('changed', changed, 'stock', states, 'handled', handled, 'nextMs', next_ms);
end $$;

-- The hold of an order's line, for the reservation that is about to be made; null if the ticket holds no unit for this order.
-- Locks the ticket.
create or replace function lock_flash_hold(the_order text, the_ticket text) returns flash_units language plpgsql as $$
declare
  ticket flash_tickets;
  place flash_units;
begin
  select * into ticket from flash_tickets where id = the_ticket for update;
  if ticket.status = 'HOLDING' and coalesce(ticket.order_id, the_order) = the_order then
    select * into place from flash_units where sale_id = ticket.sale_id and unit = ticket.unit;
  end if;
  return place;
end $$;

-- Moves an order's flash unit out of the sale's stock into the order's reservation. The caller has locked ticket and stock.
create or replace function reserve_flash_unit(the_order text, place flash_units) returns void language plpgsql as $$
begin
  update stock set flash = flash - 1, reserved = reserved + 1
  where sku = place.sku and warehouse_code = place.warehouse_code;
  update flash_units set status = 'ORDERED' where sale_id = place.sale_id and unit = place.unit;
  update flash_tickets set order_id = the_order where id = place.ticket_id and order_id is null;
end $$;

-- The undo: a unit that was reserved or sold lies in the sale's stock again, still its ticket's.
create or replace function unreserve_flash_unit(the_ticket text) returns void language plpgsql as $$
declare
  place flash_units;
begin
  update flash_units set status = 'SET_ASIDE' from flash_tickets
  where flash_tickets.id = the_ticket and flash_units.sale_id = flash_tickets.sale_id and flash_units.unit = flash_tickets.unit
  returning flash_units.* into place;
  update stock set flash = flash + 1 where sku = place.sku and warehouse_code = place.warehouse_code;
end $$;

-- Locks the sale and the ticket that an order was bought with, before its stock is locked; null for ordinary orders.
create or replace function lock_flash_ticket_of(the_order text) returns flash_tickets language plpgsql as $$
declare
  ticket flash_tickets;
begin
  select * into ticket from flash_tickets where order_id = the_order;
  if ticket.id is not null then
    perform from flash_sales where id = ticket.sale_id for update;
    select * into ticket from flash_tickets where id = ticket.id for update;
  end if;
  return ticket;
end $$;

-- Locks the sales of tickets and of orders in order of their ids, before a batch of orders takes tickets and stock row by row: so
-- two batches never wait for each other's sales. Ordinary orders have none.
create or replace function lock_flash_sales_of(tickets text[], orders text[]) returns void language plpgsql
set enable_seqscan = off as $$
begin
  perform from flash_sales where id in (
    select sale_id from flash_tickets where id = any (tickets)
    union select sale_id from flash_tickets where order_id = any (orders)
  ) order by id for update;
end $$;

-- The order of a ticket has ended: its unit, which lies in the sale's stock again, goes to the next in line. A ticket that was
-- BOUGHT keeps this answer; a cancelled order only brings its unit back.
create or replace function end_flash_order(ticket flash_tickets, final text) returns jsonb language plpgsql as $$
declare
  freed jsonb;
  the_now constant timestamptz := clock_timestamp();
begin
  if ticket.status = 'BOUGHT' then
    update flash_tickets set returned_at = the_now where id = ticket.id;
    update flash_sales set units_sold = units_sold - 1, version = version + 1 where id = ticket.sale_id;
  elsif ticket.status = 'HOLDING' then
    update flash_tickets set status = final, ended_at = the_now, counter = counter + 1 where id = ticket.id;
  else
    return null;
  end if;
  freed := free_flash_unit(ticket.sale_id, ticket.unit);
  return jsonb_build_object('saleId', ticket.sale_id, 'isOver', false, 'tickets', (freed -> 'granted') || to_jsonb(ticket.id),
    'stock', freed -> 'stock');
end $$;

-- A ticket's order is confirmed. The last unit ends the line: one statement for all that wait.
create or replace function buy_flash_unit(ticket flash_tickets) returns jsonb language plpgsql as $$
declare
  sale flash_sales;
  the_now constant timestamptz := clock_timestamp();
begin
  update flash_tickets set status = 'BOUGHT', ended_at = the_now, counter = counter + 1 where id = ticket.id;
  update flash_units set status = 'SOLD' where sale_id = ticket.sale_id and unit = ticket.unit;
  update flash_sales set units_sold = units_sold + 1, version = version + 1 where id = ticket.sale_id returning * into sale;
  if sale.units_sold = sale.units_total and sale.waiting > 0 then
    update flash_tickets set status = 'SOLD_OUT', ended_at = the_now, counter = counter + 1
    where sale_id = sale.id and status = 'WAITING';
    update flash_sales set waiting = 0 where id = sale.id;
    return jsonb_build_object('saleId', sale.id, 'isOver', true, 'tickets', jsonb_build_array(ticket.id));
  end if;
  return jsonb_build_object('saleId', sale.id, 'isOver', false, 'tickets', jsonb_build_array(ticket.id));
end $$;
