-- Decides entries to a sale in their order of arrival: one lock of the sale for up to 500 of them. Entries are of different
-- customers; `ids` are those of new tickets. Answers the sale, and for each entry its ticket's id or why there is none.
-- Without sequential scans and hash joins, because a plan that was made while the tables were empty would keep them.
create or replace function enter_flash_sale(the_sale text, customers text[], ids text[], keys text[], hashes text[])
returns jsonb language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  -- `maxUnboughtTickets` of domain/flash-sale.ts.
  max_unbought constant int := 20;
  sale flash_sales;
  the_now timestamptz;
  is_running boolean;
  max_waiting int;
  entry record;
  free_units int[] := '{}';
  answers jsonb[] := '{}';
  -- What is to be written: tickets, and records of idempotency keys.
  new_ids text[] := '{}';
  new_customers text[] := '{}';
  new_lines text[] := '{}';
  new_statuses text[] := '{}';
  new_units int[] := '{}';
  kept_callers text[] := '{}';
  kept_keys text[] := '{}';
  kept_hashes text[] := '{}';
  kept_tickets text[] := '{}';
  granted int := 0;
  waiting_more int := 0;
  written int;
begin
  select * into sale from flash_sales where id = the_sale for update;
  if not found then
    return jsonb_build_object('sale', null);
  end if;
  the_now := clock_timestamp();
  is_running := the_now >= sale.starts_at and the_now < sale.ends_at;
  max_waiting := sale.line_factor * (sale.units_total - sale.units_sold) + sale.line_floor;
  if is_running and sale.units_free > 0 then
    free_units := array(
      select unit from flash_units where sale_id = the_sale and ticket_id is null and status = 'SET_ASIDE'
      order by unit limit cardinality(customers));
  end if;
  for entry in
    select given.customer, given.id, given.key, given.hash, record.input_hash as recorded_hash,
      record.answer ->> 'ticketId' as recorded_ticket, live.id as live_ticket,
      case when sale.vip_ratio is not null and tiers.tier = 'VIP' then 'VIP' else 'STANDARD' end as line,
      mine.bought, mine.unbought
    from unnest(customers, ids, keys, hashes) with ordinality as given (customer, id, key, hash, at)
    left join lateral (select input_hash, answer from idempotency
      where caller = given.customer and operation = 'flashSaleEnter' and idempotency.key = given.key) record on true
    left join lateral (select flash_tickets.id from flash_tickets where sale_id = the_sale and customer_id = given.customer
      and status in ('WAITING', 'HOLDING')) live on true
    left join lateral (select count(*) filter (where status = 'BOUGHT' and returned_at is null) as bought,
        count(*) filter (where status <> 'BOUGHT' or returned_at is not null) as unbought
      from flash_tickets where customer_id = given.customer and sale_id = the_sale) mine on true
    left join customer_tiers tiers on tiers.customer_id = given.customer
    order by given.at
  loop
    if entry.recorded_hash is not null then
      answers := answers || case when entry.recorded_hash = entry.hash
        then jsonb_build_object('ticketId', entry.recorded_ticket) else jsonb_build_object('refused', 'KEY_REUSED') end;
      continue;
    end if;
    if entry.live_ticket is not null then
      answers := answers || jsonb_build_object('ticketId', entry.live_ticket);
      kept_tickets := kept_tickets || entry.live_ticket;
    elsif not is_running then
      answers := answers || jsonb_build_object('refused', 'NOT_RUNNING');
      continue;
    elsif entry.bought >= sale.per_customer_limit then
      answers := answers || jsonb_build_object('refused', 'LIMIT');
      continue;
    elsif entry.unbought >= max_unbought then
      answers := answers || jsonb_build_object('refused', 'TOO_MANY_TICKETS');
      continue;
    elsif granted < cardinality(free_units) then
      granted := granted + 1;
      new_statuses := new_statuses || 'HOLDING'::text;
      new_units := new_units || free_units[granted];
    elsif sale.waiting + waiting_more < max_waiting and sale.units_sold < sale.units_total then
      waiting_more := waiting_more + 1;
      new_statuses := new_statuses || 'WAITING'::text;
      new_units := new_units || null::int;
    else
      answers := answers || jsonb_build_object('refused', 'SOLD_OUT');
      continue;
    end if;
    if entry.live_ticket is null then
      new_ids := new_ids || entry.id;
      new_customers := new_customers || entry.customer;
      new_lines := new_lines || entry.line;
      answers := answers || jsonb_build_object('ticketId', entry.id);
      kept_tickets := kept_tickets || entry.id;
    end if;
    kept_callers := kept_callers || entry.customer;
    kept_keys := kept_keys || entry.key;
    kept_hashes := kept_hashes || entry.hash;
  end loop;

  if cardinality(new_ids) > 0 then
    insert into flash_tickets (id, sale_id, number, customer_id, line, status, entered_at, granted_at, grant_number,
      hold_expires_at, unit)
    select id, the_sale, sale.last_number + at, customer, line, status, the_now,
      case when status = 'HOLDING' then the_now end,
      case when status = 'HOLDING' then sale.last_grant + count(unit) over (order by at) end,
      case when status = 'HOLDING' then the_now + make_interval(secs => sale.hold_seconds) end, unit
    from unnest(new_ids, new_customers, new_lines, new_statuses, new_units) with ordinality
      as fresh (id, customer, line, status, unit, at)
    order by at;
    update flash_units set ticket_id = fresh.id from unnest(new_ids, new_units) as fresh (id, unit)
    where flash_units.sale_id = the_sale and flash_units.unit = fresh.unit;
    update flash_sales set units_free = units_free - granted, waiting = waiting + waiting_more,
      last_number = last_number + cardinality(new_ids), last_grant = last_grant + granted, version = version + 1
    where id = the_sale returning * into sale;
  end if;
  if cardinality(kept_keys) > 0 then
    insert into idempotency (caller, operation, key, input_hash, answer)
    select caller, 'flashSaleEnter', key, hash, jsonb_build_object('ticketId', ticket)
    from unnest(kept_callers, kept_keys, kept_hashes, kept_tickets) as kept (caller, key, hash, ticket)
    order by caller, key
    on conflict do nothing;
    get diagnostics written = row_count;
    if written < cardinality(kept_keys) then
      -- The same customer has used the same key for another sale in this very moment: decided anew, which finds the record.
      raise exception 'an idempotency key was recorded meanwhile' using errcode = 'serialization_failure';
    end if;
  end if;
  return jsonb_build_object('sale', to_jsonb(sale), 'now', the_now, 'answers', to_jsonb(answers), 'isChanged',
    cardinality(new_ids) > 0);
end $$;
