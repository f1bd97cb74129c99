-- The rows are written with the order that they belong to: looking for it again costs a tenth of the writing.
alter table order_events drop constraint order_events_order_id_fkey;
alter table order_search drop constraint order_search_order_id_fkey;

-- The timeline's rows, counted for the customer as well, whose counter's lock is held to the commit: so no reader sees a gap.
-- Rows: [{ counter, type, status, message, causationId }].
create function write_timeline(the_order text, customer text, rows jsonb, at timestamptz)
returns void language plpgsql as $$
declare
  known int := jsonb_array_length(rows);
begin
  if known = 0 then
    return;
  end if;
  if customer is null then
    known := null;
  else
    insert into customer_feeds as feed (customer_id, counter) values (customer, known)
    on conflict (customer_id) do update set counter = feed.counter + excluded.counter
    returning counter into known;
  end if;
  insert into order_events
    (order_id, counter, customer_id, customer_counter, type, status, message, causation_id, occurred_at)
  select the_order, counter, customer, known - jsonb_array_length(rows) + turn, type, status, message, cause, at
  from rows from (jsonb_to_recordset(rows)
    as (counter int, type text, status text, message text, "causationId" uuid)) with ordinality
    as shown (counter, type, status, message, cause, turn);
end $$;

-- Writes decisions, provided that nothing has changed the orders since they were read. Row by row through the key, on
-- purpose: a join that was planned while the table was empty reads all of it until the next ANALYZE. In order of customer,
-- like everyone who locks their counters.
create function change_orders(changes jsonb) returns void language plpgsql as $$
declare
  change record;
begin
  for change in
    select * from jsonb_to_recordset(changes) as x (id text, customer_id text, from_version int, status text,
      status_reason text, expires_at timestamptz, due_at timestamptz, version int, counter int, progress jsonb,
      timeline jsonb, at timestamptz)
    order by customer_id, id
  loop
    update orders set status = change.status, status_reason = change.status_reason, expires_at = change.expires_at,
      due_at = change.due_at, version = change.version, counter = change.counter, progress = change.progress
    where id = change.id and version = change.from_version;
    if not found then
      raise 'order % changed while its row was locked', change.id;
    end if;
    perform write_timeline(change.id, change.customer_id, change.timeline, change.at);
  end loop;
end $$;
