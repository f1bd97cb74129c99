-- Writes rows of the timeline, and counts them in the customer's feed, whose counter stays locked to the commit: so no reader
-- sees a gap. Gives that counter as of the last row; null for a guest's order, and without rows.
-- Rows: [{ counter, type, status, message, causationId }].
create or replace function record_timeline(the_order text, customer text, rows jsonb, at timestamptz)
returns int language plpgsql as $$
declare
  last_counter int := jsonb_array_length(rows);
begin
  if last_counter = 0 then
    return null;
  end if;
  if customer is null then
    last_counter := null;
  else
    insert into customer_feeds as feed (customer_id, counter) values (customer, last_counter)
    on conflict (customer_id) do update set counter = feed.counter + excluded.counter
    returning counter into last_counter;
  end if;
  insert into order_events
    (order_id, counter, customer_id, customer_counter, type, status, message, causation_id, occurred_at)
  select the_order, counter, customer, last_counter - jsonb_array_length(rows) + place, type, status, message, cause, at
  from rows from (jsonb_to_recordset(rows)
    as (counter int, type text, status text, message text, "causationId" uuid)) with ordinality
    as given (counter, type, status, message, cause, place);
  return last_counter;
end $$;
